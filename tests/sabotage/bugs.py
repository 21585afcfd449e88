"""The bugs, each with the check that must catch it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.crash.plants import PLANTS, Edit

RECOVERY = "aof_tui/engine/recovery_dispatch.py"
COLLATION = "aof_tui/engine/collation.py"
LINEAGE = "aof_tui/domain/lineage.py"
SCHEMA = "aof_tui/store/migrations/0001_initial.sql"


@dataclass(frozen=True, slots=True)
class Bug:
    """What is broken, where, and which tests must fail then."""

    name: str
    edits: tuple[Edit, ...]
    checks: tuple[str, ...]
    """Pytest nodes; all of them pass on the sources as they are."""


BUGS = (
    Bug(
        "no settle",
        PLANTS["no-settle"],
        ("tests/engine/test_doubt.py::test_a_repeat_that_never_shows_is_held_for_a_person",),
    ),
    Bug(
        "no reconciliation",
        (
            Edit(
                "aof_tui/engine/reconcile.py",
                "        await self._ctx.write(lambda unit: self._settle(unit, recipe_id, began))\n",
                "",
            ),
        ),
        ("tests/engine/test_doubt.py::test_a_repeat_that_never_shows_is_held_for_a_person",),
    ),
    Bug(
        "no second commit",
        PLANTS["no-second-commit"],
        ("tests/sabotage/test_checks.py::test_what_was_sent_had_been_marked_as_sending",),
    ),
    Bug(
        "no guard",
        (Edit(RECOVERY, "        refusal = self._guard(batch)\n", "        refusal: str | None = None\n"),),
        ("tests/engine/test_guard.py::test_a_pause_between_intent_and_sending_stops_the_request",),
    ),
    Bug(
        "guard age ignored",
        (Edit(RECOVERY, "None if age <= GUARD_AGE_S else", "None if age <= 1e9 else"),),
        ("tests/engine/test_guard.py::test_a_read_that_has_grown_old_is_not_acted_upon",),
    ),
    Bug(
        "wall clock for durations",
        (
            Edit(
                RECOVERY, "        age = self._ctx.clock.boot() - batch", "        age = self._ctx.clock.wall() - batch"
            ),
            Edit(
                "aof_tui/workato/client.py",
                "        asked_boot = self._clock.boot()",
                "        asked_boot = self._clock.wall()",
            ),
            Edit(
                "aof_tui/engine/recovery_read.py",
                "        return self._ctx.clock.boot() - self._workspace",
                "        return self._ctx.clock.wall() - self._workspace",
            ),
        ),
        ("tests/sabotage/test_checks.py::test_a_wall_clock_that_is_put_back_makes_no_old_read_young",),
    ),
    Bug(
        "outbox outside the transaction",
        (
            Edit(
                "aof_tui/engine/telling.py",
                '        await unit.tx.insert(\n            "outbox_insert",\n            {',
                "        await _later(\n            self._ctx,\n            {",
            ),
            Edit(
                "aof_tui/engine/telling.py",
                "class Telling:\n",
                "async def _later(ctx: Context, row: Params) -> None:\n"
                "    import asyncio\n\n"
                '    work = ctx.store.write(lambda tx: tx.insert("outbox_insert", row))\n'
                "    asyncio.get_running_loop().create_task(work)\n"
                "\n\nclass Telling:\n",
            ),
        ),
        ("tests/sabotage/test_checks.py::test_every_notice_is_committed_together_with_its_line_in_the_log",),
    ),
    Bug(
        "watermark moved on a bad page",
        (
            Edit(
                COLLATION,
                "            await self._failed(rows[0], error)\n",
                "            await self._failed(rows[0], error)\n"
                "            none = Progress(None, True, 0, fresh=1_000)\n"
                "            done = partial(self._record, recipe=rows[0], runs=(), progress=none, ended=True)\n"
                "            await self._ctx.write(done)\n",
            ),
        ),
        ("tests/fuzz/test_fuzz.py::test_engines_walk_over_spoiled_pages",),
    ),
    Bug(
        "page limit taken for the end",
        (
            Edit(
                COLLATION,
                '        await self._postpone(recipe, f"more than {MAX_PAGES} pages of failed jobs")\n',
                "        end = partial(self._record, recipe=recipe, runs=(), progress=progress, ended=True)\n"
                "        await self._ctx.write(end)\n",
            ),
        ),
        ("tests/engine/test_collation.py::test_the_page_limit_leaves_watermark_and_mark",),
    ),
    Bug(
        "attempts counted by job id",
        (
            Edit(
                "aof_tui/engine/recovery_objection.py",
                "    if failure.attempts + failure.forced + failure.external >= failure.plan.max_attempts:",
                '    if sum(row["job_id"] == failure.newest_job_id for row in runs) > failure.plan.max_attempts:',
            ),
        ),
        ("tests/engine/test_guard.py::test_the_budget_is_counted_again_in_the_transaction_of_the_intent",),
    ),
    Bug(
        "repeats by people ignored",
        (Edit(LINEAGE, "if source is Source.EXTERNAL)", "if source is Source.PERSON)"),),
        ("tests/engine/test_recovery.py::test_repeats_made_by_others_count_against_the_budget",),
    ),
    Bug(
        "repeat after a success",
        (
            Edit(
                LINEAGE,
                "    if success is not None and not any(",
                "    if success is not None and len(runs) > 9 and not any(",
            ),
        ),
        ("tests/engine/test_recovery.py::test_what_somebody_else_brought_to_success_is_not_repeated",),
    ),
    Bug(
        "repeat while one runs",
        (Edit(LINEAGE, "    if running is not None:\n", "    if running is not None and len(runs) > 9:\n"),),
        ("tests/engine/test_recovery.py::test_a_repeat_that_somebody_else_began_is_followed_to_its_end",),
    ),
    Bug(
        "single-flight index dropped",
        (Edit(SCHEMA, "CREATE UNIQUE INDEX attempt_single_flight", "CREATE INDEX attempt_single_flight"),),
        ("tests/sabotage/test_checks.py::test_no_lineage_has_two_open_attempts",),
    ),
    Bug(
        "events can be updated",
        (Edit(SCHEMA, "    SELECT RAISE(ABORT, 'events are never updated');", "    SELECT 1;"),),
        ("tests/engine/test_recovery.py::test_a_failed_job_is_repeated_after_five_to_ten_minutes_and_recovers",),
    ),
    Bug(
        "retry in the HTTP layer",
        PLANTS["http-retry"],
        ("tests/workato/test_repeat.py::test_a_reset_before_the_answer_leaves_a_doubt",),
    ),
    Bug(
        "a family's quota forgotten",
        (
            Edit(
                "aof_tui/workato/families.py",
                "        self.connections = reads(quotas.connections_per_minute)",
                "        self.connections = reads(1e6)",
            ),
        ),
        ("tests/sabotage/test_checks.py::test_every_family_keeps_its_quota",),
    ),
    Bug(
        "repeats spaced by sending",
        (
            Edit(
                "aof_tui/workato/pacer.py",
                "        return inf if self._in_flight else self._next_at\n",
                "        return self._next_at\n",
            ),
        ),
        ("tests/workato/test_pacer.py::test_a_second_repeat_waits_for_the_first_answer_and_the_distance",),
    ),
    Bug(
        "more than 25 jobs in a request",
        (
            Edit(
                "aof_tui/workato/families.py",
                "        self.jobs_per_repeat = quotas.jobs_per_repeat",
                "        self.jobs_per_repeat = 26",
            ),
        ),
        ("tests/sabotage/test_checks.py::test_no_request_names_more_than_25_jobs_though_one_read_shows_sixty",),
    ),
    Bug(
        "breaker spends attempts",
        (
            Edit(
                "aof_tui/engine/breakers.py",
                "        held = replace(failure, held_by=breaker.downstream, held_since=unit.now)\n",
                "        held = replace(failure, held_by=breaker.downstream, held_since=unit.now)\n"
                "        held = replace(held, attempts=failure.attempts + 1)\n",
            ),
        ),
        ("tests/engine/test_breakers.py::test_a_probe_at_a_time_until_one_succeeds_then_the_rest_with_spread",),
    ),
    Bug(
        "fallback of a fallback",
        (
            Edit(
                "aof_tui/engine/fallback_plan.py",
                "    if is_fallback(ctx.book.fallbacks, failure.workspace, failure.recipe_id):\n        return True\n",
                "",
            ),
        ),
        ("tests/engine/test_fallback.py::test_a_failure_of_a_fallback_recipe_gets_none",),
    ),
    Bug(
        "negative jitter",
        (
            Edit(
                "aof_tui/policy/retry.py",
                "    return wait + draw(0.0, wait * _JITTER)",
                "    return wait - draw(0.0, wait * _JITTER)",
            ),
        ),
        ("tests/policy/test_retry.py::test_no_wait_is_shorter_than_the_curve_says",),
    ),
    Bug(
        "reference of a notice lost",
        (
            Edit(
                "aof_tui/engine/delivery.py",
                "        answer = await self._channel.send(parcel.message, parcel.reference)",
                "        answer = await self._channel.send(parcel.message, self._ctx.randomness.new_id())",
            ),
        ),
        ("tests/engine/test_delivery.py::test_what_was_sent_but_not_noted_is_sent_again_under_the_same_reference",),
    ),
    Bug(
        "cleaning removed",
        (
            Edit(
                "aof_tui/workato/outside.py",
                "redact(one_line(text[: limit * _LOOKED_AT]))",
                "redact(text[: limit * _LOOKED_AT])",
            ),
        ),
        ("tests/sabotage/test_checks.py::test_names_are_made_harmless",),
    ),
    Bug(
        "redaction removed",
        (
            Edit(
                "aof_tui/workato/outside.py",
                "redact(one_line(text[: limit * _LOOKED_AT]))",
                "one_line(text[: limit * _LOOKED_AT])",
            ),
        ),
        ("tests/sabotage/test_checks.py::test_titles_hold_no_secret",),
    ),
    Bug(
        "resolved without a check",
        (Edit("aof_tui/policy/escalate.py", "RESOLVED and open_failures == 0 and quiet", "RESOLVED and quiet"),),
        ("tests/policy/test_escalate.py::test_an_incident_resolves_when_quiet_and_without_open_failures",),
    ),
    Bug(
        "a pause does not outlive a restart",
        (Edit("aof_tui/engine/engine.py", '        workspace.paused = row["paused_by"] is not None\n', ""),),
        ("tests/engine/test_recovery.py::test_a_pause_holds_what_falls_due_and_outlives_a_restart",),
    ),
    Bug(
        "a change without its event",
        (
            Edit(
                "aof_tui/engine/orchestrator.py",
                "        await unit.failure_event(kind, rested, text or ",
                "        kind == EventKind.FAILURE_HELD or await unit.failure_event(kind, rested, text or ",
            ),
        ),
        ("tests/engine/test_recovery.py::test_a_pause_holds_what_falls_due_and_outlives_a_restart",),
    ),
)
