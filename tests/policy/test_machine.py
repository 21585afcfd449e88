"""One lineage in every order of events: the lifecycle, the reading of runs and the decisions together."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aof_tui.domain.lifecycle import REASONS, move
from aof_tui.domain.lineage import Lineage, Meaning, read_lineage
from aof_tui.domain.model import Attempt, Failure, Run
from aof_tui.domain.words import AttemptState, FailureStatus, Reason, RunStatus
from aof_tui.policy.decide import Choice, Exhaust, Refer, Schedule, Standing, next_step
from aof_tui.policy.retry import RetryTerms
from tests.domain.builders import PLAN, failure

MOST_RUNS = 12
OPEN = frozenset({AttemptState.PREPARED, AttemptState.SENDING, AttemptState.UNKNOWN})
ENDS = st.sampled_from([RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.FAILED, RunStatus.CANCELLED])


class OneLineage(RuleBasedStateMachine):
    """Workato's truth about a lineage, and an engine that sees it only when it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0
        self.truth: list[Run] = []
        self.known: list[Run] = []
        self.attempts: list[Attempt] = []
        self.failure: Failure = failure(attempts=0)
        self.choice = Choice(PLAN, RetryTerms(), None)
        self.accepted = 0
        self.decided_on = ""
        """The newest run when it was last decided on: the same run is not decided on twice."""

    @initialize(most=st.integers(1, 3), limit=st.sampled_from([None, None, None, 200.0, 1_000.0]))
    def begin(self, most: int, limit: float | None) -> None:
        """The first run failed, was read and is decided on."""
        terms = RetryTerms(max_attempts=most, time_limit_s=limit)
        self.choice = Choice(replace(PLAN, max_attempts=most), terms, None)
        self.truth = [Run("7", "j-1", "j-1", RunStatus.FAILED, self.now, self.now + 1.0)]
        self.failure = failure(plan=self.choice.plan, first_failed_at=self.now, recorded_at=self.now)
        self.read()

    # -- the world -----------------------------------------------------------------------------------------------------

    @rule(seconds=st.floats(1.0, 1_000.0))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: len(self.truth) < MOST_RUNS)
    @rule()
    def somebody_else_repeats(self) -> None:
        self._begin_run()

    @precondition(lambda self: any(not run.status.ended for run in self.truth))
    @rule(end=ENDS)
    def a_run_ends(self, end: RunStatus) -> None:
        place = next(place for place, run in enumerate(self.truth) if not run.status.ended)
        self.now += 1.0
        self.truth[place] = replace(self.truth[place], status=end, completed_at=self.now)

    def _begin_run(self) -> None:
        self.now += 1.0
        name = f"j-{len(self.truth) + 1}"
        self.truth.append(Run("7", name, "j-1", RunStatus.PENDING, self.now, None))

    # -- the engine ----------------------------------------------------------------------------------------------------

    @rule()
    def read(self) -> None:
        """See what Workato lists and follow it, as the engine does after each read."""
        self.known = list(self.truth)
        seen = read_lineage(self.known, self.attempts)
        self._attribute(seen)
        meaning = read_lineage(self.known, self.attempts).meaning
        if self.failure.status is FailureStatus.REPEATING or not self._concerns(meaning):
            return
        match meaning:
            case Meaning.RECOVERED:
                self._rest(FailureStatus.RECOVERED, Reason.EXTERNAL_SUCCESS)
            case Meaning.RUNNING | Meaning.AWAITED:
                self._watch()
            case Meaning.DOUBTED:
                return
            case Meaning.CANCELLED:
                self._rest(FailureStatus.NEEDS_PERSON, Reason.RUN_CANCELLED)
            case Meaning.FAILED_AFTER_SUCCESS:
                self._rest(FailureStatus.NEEDS_PERSON, Reason.FAILED_AFTER_SUCCESS)
            case Meaning.FAILED if self.failure.newest_job_id != self.decided_on:
                self._decide(seen)

    def _concerns(self, meaning: Meaning) -> bool:
        """Whether what the runs say can still matter: what ended goes on only for a success, or a failure after one."""
        match self.failure.status:
            case FailureStatus.RECOVERED:
                return meaning is Meaning.FAILED_AFTER_SUCCESS
            case FailureStatus.CLOSED:
                return meaning is Meaning.RECOVERED
        return True

    def _attribute(self, seen: Lineage) -> None:
        self.attempts = [
            replace(
                attempt,
                new_job_id=seen.claims[attempt.attempt_id],
                state=AttemptState.CONFIRMED if attempt.state in OPEN else attempt.state,
            )
            if attempt.new_job_id is None and attempt.attempt_id in seen.claims
            else attempt
            for attempt in self.attempts
        ]
        self.failure = replace(self.failure, external=seen.external, newest_job_id=seen.runs[-1].job_id)

    def _decide(self, seen: Lineage) -> None:
        self.decided_on = self.failure.newest_job_id
        standing = Standing(self.failure.attempts, 0, seen.external, self.failure.rejections, 1_000.0)
        match next_step(self.choice, standing, self.now, lambda low, _high: low):
            case Schedule(at):
                assert at > self.now
                self.failure = move(self.failure, FailureStatus.SCHEDULED, next_action_at=at)
            case Exhaust(reason):
                self._rest(FailureStatus.EXHAUSTED, reason)
            case Refer(reason):
                self._rest(FailureStatus.NEEDS_PERSON, reason)
            case held:
                self._rest(FailureStatus.HELD, held.reason)

    def _rest(self, to: FailureStatus, reason: Reason) -> None:
        self.failure = move(self.failure, to, reason=reason)

    def _watch(self) -> None:
        self.failure = move(self.failure, FailureStatus.WATCHING, next_action_at=self.now + 30.0)

    @precondition(lambda self: self.failure.status is FailureStatus.SCHEDULED and len(self.truth) < MOST_RUNS)
    @rule(
        answer=st.sampled_from(["accepted", "accepted", "lost", "lost unheard", "rejected", "not sent"]),
        end=st.sampled_from([RunStatus.FAILED, RunStatus.FAILED, RunStatus.SUCCEEDED, None]),
    )
    def repeat_what_is_due(self, answer: str, end: RunStatus | None) -> None:
        """Guard on a fresh read, then prepare, send, and conclude; what ends soon is read soon."""
        self.now = max(self.now, self.failure.next_action_at or 0.0)
        self.read()
        due = (self.failure.next_action_at or 0.0) <= self.now
        if self.failure.status is not FailureStatus.SCHEDULED or not due:
            return
        assert all(run.status is not RunStatus.SUCCEEDED for run in self.truth)
        assert all(run.status.ended for run in self.truth)
        number = len(self.attempts) + 1
        baseline = tuple(run.job_id for run in self.known)
        sent = self.failure.newest_job_id
        attempt = Attempt(
            number, "prod", "j-1", number, False, "engine", AttemptState.SENDING, "d", sent, baseline, self.now
        )
        self.attempts.append(attempt)
        self.failure = replace(self.failure, attempts=self.failure.attempts + 1)
        self.failure = move(self.failure, FailureStatus.REPEATING, next_action_at=self.now + 45.0)
        self._conclude(answer)
        if end is not None and not self.truth[-1].status.ended:
            self.a_run_ends(end)
            self.read()

    def _conclude(self, answer: str) -> None:
        if answer in ("accepted", "lost"):
            self._begin_run()
            self.accepted += 1
        if answer == "accepted":
            self._become(AttemptState.ACCEPTED)
            self.failure = move(self.failure, FailureStatus.WATCHING, next_action_at=self.now + 30.0)
        elif answer in ("lost", "lost unheard"):
            self._become(AttemptState.UNKNOWN)
            self.failure = move(self.failure, FailureStatus.IN_DOUBT, next_action_at=self.now + 60.0)
        else:
            rejected = answer == "rejected"
            self._become(AttemptState.REJECTED if rejected else AttemptState.NOT_SENT)
            rejections = self.failure.rejections + rejected
            self.failure = replace(self.failure, attempts=self.failure.attempts - 1, rejections=rejections)
            self.failure = move(self.failure, FailureStatus.SCHEDULED, next_action_at=self.now)
            self._decide(read_lineage(self.known, self.attempts))

    @precondition(lambda self: self.failure.status is FailureStatus.IN_DOUBT)
    @rule()
    def settle(self) -> None:
        """After the settle time a read shows the run, or proves that there is none."""
        self.now += 200.0
        self.read()
        if self.failure.status is FailureStatus.IN_DOUBT:
            self._become(AttemptState.ABSENT)
            self._rest(FailureStatus.HELD, Reason.STAYED_IN_DOUBT)

    @precondition(lambda self: self.failure.status.resting)
    @rule()
    def a_person_closes_it(self) -> None:
        self._rest(FailureStatus.CLOSED, Reason.CLOSED_BY_PERSON)
        self.attempts = [attempt for attempt in self.attempts if attempt.state not in OPEN]

    def _become(self, state: AttemptState) -> None:
        self.attempts[-1] = replace(self.attempts[-1], state=state)

    # -- what holds always ---------------------------------------------------------------------------------------------

    @invariant()
    def the_budget_holds(self) -> None:
        assert self.failure.attempts <= self.choice.terms.max_attempts
        assert self.accepted <= self.choice.terms.max_attempts
        assert self.failure.status is not FailureStatus.REPEATING

    @invariant()
    def one_attempt_is_open_at_most(self) -> None:
        assert sum(attempt.state in OPEN for attempt in self.attempts) <= 1

    @invariant()
    def who_moves_has_a_time_and_who_rests_a_reason(self) -> None:
        assert self.failure.status.moving == (self.failure.next_action_at is not None)
        assert self.failure.status.moving == (self.failure.reason is None)
        assert self.failure.reason is None or self.failure.reason in REASONS[self.failure.status]


OneLineage.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
TestOneLineage = OneLineage.TestCase


def test_hundreds_of_lives_by_plain_chance() -> None:
    """The fixed examples above seldom reach the end of a budget; these do."""
    ends = [0, 0]
    for seed in range(800):
        chance = random.Random(seed)
        life = OneLineage()
        life.begin(most=chance.randrange(1, 5), limit=chance.choice([None, None, 2_000.0]))
        for _ in range(20):
            _live_on(life, chance)
            life.the_budget_holds()
            life.one_attempt_is_open_at_most()
            life.who_moves_has_a_time_and_who_rests_a_reason()
        ends[0] += life.failure.status is FailureStatus.EXHAUSTED
        ends[1] += life.failure.status is FailureStatus.RECOVERED
    assert min(ends) > 40


def _live_on(life: OneLineage, chance: random.Random) -> None:
    """One step of whoever may take one."""
    drawn = chance.random()
    status = life.failure.status
    if status is FailureStatus.SCHEDULED and drawn < 0.5 and len(life.truth) < MOST_RUNS:
        answer = chance.choice(["accepted", "accepted", "lost", "lost unheard", "rejected", "not sent"])
        life.repeat_what_is_due(answer, chance.choice([RunStatus.FAILED, RunStatus.FAILED, None]))
    elif status is FailureStatus.IN_DOUBT and drawn < 0.4:
        life.settle()
    elif drawn < 0.7 and any(not run.status.ended for run in life.truth):
        life.a_run_ends(chance.choice([RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.FAILED, RunStatus.CANCELLED]))
    elif drawn < 0.74 and len(life.truth) < MOST_RUNS:
        life.somebody_else_repeats()
    elif drawn < 0.76 and status.resting:
        life.a_person_closes_it()
    elif drawn < 0.9:
        life.read()
    else:
        life.pass_time(chance.uniform(1.0, 500.0))
