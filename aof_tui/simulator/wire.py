"""The JSON shapes of recipes, connections and the rest of a workspace, field for field."""

from __future__ import annotations

import json

from aof_tui.simulator.build import ROOT_FOLDER_ID
from aof_tui.simulator.messages import json_text
from aof_tui.simulator.state import SimConnection, SimFolder, SimProject, SimRecipe, SimTag
from aof_tui.simulator.view import JobView
from aof_tui.simulator.wire_jobs import JobWire, Json
from aof_tui.simulator.world import World


class Wire:
    """Renders the things of a workspace as this Workato would."""

    def __init__(self, world: World, view: JobView) -> None:
        self.jobs = JobWire(world.draws, view)
        self.time = self.jobs.time
        self._world = world
        self._view = view
        self._recipe_texts: dict[tuple[int, bool, bool], tuple[int, str]] = {}

    def recipe_text(self, recipe: SimRecipe, with_tags: bool, with_code: bool) -> str:
        """A recipe as JSON text (Workato's OpenAPI: Recipe); rendered again only when the recipe changed."""
        key = (recipe.recipe_id, with_tags, with_code)
        known = self._recipe_texts.get(key)
        if known is None or known[0] != recipe.revision:
            text = json_text(self._recipe(recipe, with_tags, with_code))
            known = self._recipe_texts[key] = (recipe.revision, text)
        return known[1]

    def _recipe(self, recipe: SimRecipe, with_tags: bool, with_code: bool) -> Json:
        tally = recipe.by_lineage if self._view.switches.healed_lowers_failed_count else recipe.by_run
        applications = recipe.applications
        accounts = {connection.application: connection.connection_id for connection in recipe.connections}
        shown: Json = {
            "id": recipe.recipe_id,
            "user_id": self._world.scenario.workspace_id,
            "name": recipe.name,
            "created_at": self.time(recipe.created_at),
            "updated_at": self.time(recipe.stopped_at or recipe.created_at),
            "copy_count": 0,
            "trigger_application": applications[0],
            "action_applications": list(applications[1:]),
            "applications": list(applications),
            "description": f"When there is a new event in {applications[0]}, do action",
            "parameters_schema": [],
            "parameters": {},
            "webhook_url": None,
            "folder_id": recipe.folder_id,
            "project_id": recipe.project.project_id,
            "running": recipe.running,
            "job_succeeded_count": tally.succeeded,
            "job_failed_count": tally.failed,
            "lifetime_task_count": 2 * tally.succeeded + tally.failed,
            "last_run_at": self.time(recipe.last_run_at),
            "stopped_at": self.time(recipe.stopped_at),
            "version_no": recipe.version_no,
            "stop_cause": recipe.stop_cause,
            "config": [
                {
                    "keyword": "application",
                    "name": name,
                    "provider": name,
                    "skip_validation": False,
                    "account_id": accounts.get(name),
                }
                for name in applications
            ],
            "trigger_closure": None,
            "code": self._code(recipe) if with_code else "",
            "author_name": "Alex Fisher",
            "version_author_name": "Alex Fisher",
            "version_author_email": "alex.fisher@example.com",
            "version_comment": None,
        }
        if with_tags:
            shown["tags"] = list(recipe.tags)
        return shown

    def _code(self, recipe: SimRecipe) -> str:
        blocks = [
            {
                "number": number,
                "provider": name,
                "name": self.jobs.operation(recipe, number),
            }
            for number, name in enumerate(recipe.applications)
        ]
        return json.dumps({"number": 0, "keyword": "trigger", "block": blocks})

    def connection(self, connection: SimConnection, now: float) -> Json:
        """A connection (Workato's OpenAPI: Connection)."""
        lost = connection.lost(now)
        created = self.time(connection.created_at)
        return {
            "id": connection.connection_id,
            "application": connection.application,
            "provider": connection.application,
            "name": connection.name,
            "description": None,
            "authorized_at": None if lost else created,
            "authorization_status": "failed" if lost else "success",
            "authorization_error": lost.lost_reason if lost else None,
            "created_at": created,
            "updated_at": self.time(lost.starts) if lost else created,
            "external_id": None,
            "folder_id": connection.folder_id,
            "connection_lost_at": self.time(lost.starts) if lost else None,
            "connection_lost_reason": lost.lost_reason if lost else None,
            "parent_id": None,
            "tags": [],
        }

    def project(self, project: SimProject) -> Json:
        """A project (Workato's OpenAPI: Project)."""
        return {
            "id": project.project_id,
            "description": f"Recipes of {project.name}",
            "folder_id": project.folder_id,
            "name": project.name,
        }

    def folder(self, folder: SimFolder) -> Json:
        """A folder (Workato's OpenAPI: Folder)."""
        created = self.time(self._world.start)
        return {
            "id": folder.folder_id,
            "name": folder.name,
            "parent_id": folder.parent_id,
            "is_project": folder.is_project,
            "project_id": folder.project_id,
            "created_at": created,
            "updated_at": created,
        }

    def tag(self, tag: SimTag) -> Json:
        """A tag (Workato docs: tags)."""
        return {"handle": tag.handle, "title": tag.title, "description": "", "color": "blue"}

    def user(self, workspace_id: int, now: float) -> Json:
        """The workspace of the token (Workato's OpenAPI: User)."""
        scenario = self._world.scenario
        recipes = self._world.place.recipes.values()
        return {
            "id": workspace_id,
            "name": scenario.workspace,
            "created_at": self.time(self._world.start),
            "plan_id": "rbp_workspace_yearly",
            "current_billing_period_start": self.time(self._world.start),
            "current_billing_period_end": self.time(self._world.start + 365 * 86_400),
            "expert": False,
            "avatar_url": None,
            "recipes_count": len(recipes),
            "active_recipes_count": sum(recipe.running for recipe in recipes),
            "interested_applications": [],
            "company_name": None,
            "location": None,
            "last_seen": self.time(now),
            "contact_phone": "null",
            "contact_email": None,
            "about_me": None,
            "email": "operations@example.com",
            "phone": "xxxxxxxxxx",
            "root_folder_id": ROOT_FOLDER_ID,
        }
