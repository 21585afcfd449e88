"""A whole simulator without sockets: world, API, stand-ins, truth log."""

from __future__ import annotations

from aof_tui.base.clock import Clock
from aof_tui.base.secret import Secret
from aof_tui.simulator.api import Api
from aof_tui.simulator.draws import Draws
from aof_tui.simulator.faults import FaultBoard
from aof_tui.simulator.messages import SimRequest, SimResponse, message_answer
from aof_tui.simulator.scenario import Scenario
from aof_tui.simulator.slack import SlackStandIn
from aof_tui.simulator.truth import Truth, TruthLog
from aof_tui.simulator.view import JobView
from aof_tui.simulator.world import World


class Simulator:
    """One workspace. Its time is the clock's, from now on by boot time: a client's stepping wall does not move it."""

    def __init__(self, scenario: Scenario, seed: str, clock: Clock, world_speed: float = 1.0) -> None:
        """The speed compresses what happens in the world; quotas, lags and latencies keep the clock's seconds."""
        self.clock = clock
        self._wall_at_boot = clock.wall() - clock.boot()
        self.world = World(scenario, seed, clock.wall(), world_speed)
        self.view = JobView(scenario.switches, self.world.draws)
        self.log = TruthLog(self.world, self.view)
        self.faults = FaultBoard()
        self.slack = SlackStandIn(self.log, self.faults)
        draws = Draws(f"{seed}/token")
        self.api = Api(self.world, self.view, self.log, self.faults, f"sim-{draws.hexadecimal(32, 'token')}")

    @property
    def token(self) -> Secret:
        """What the API accepts as bearer."""
        return Secret(self.api.token)

    def now(self) -> float:
        """The simulator's wall time."""
        return self._wall_at_boot + self.clock.boot()

    def handle(self, request: SimRequest) -> SimResponse:
        """The answer to a request that arrives now."""
        if request.path.startswith("/api/"):
            return self.api.handle(request, self.now())
        if request.path.startswith(("/webhooks/", "/apim/")):
            return self.api.handle_start(request, self.now())
        if request.path.startswith("/slack/api/"):
            return self.slack.handle(request, self.now())
        return message_answer(404, "Not found")

    def webhook_of(self, recipe_id: int) -> str:
        """The path of a recipe's webhook: a client needs its address as a secret."""
        return self.api.starts.webhook_path(self.world.place.recipes[recipe_id])

    def truth(self) -> Truth:
        """What really happened until now."""
        self.world.advance(self.now())
        return self.log.snapshot()
