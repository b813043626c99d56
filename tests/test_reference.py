"""Hand-worked checks of the reference program, with the arithmetic written beside each.

Small people, contracts and flows go in; what comes out is compared with sums done on paper.
The engine is deliberately not here: other tests hold it against the reference.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
import reference as ref

# ---------------------------------------------------------------- units


def test_halves_are_rounded_upwards() -> None:
    assert [ref.nearest(x) for x in (2.5, 2.4999, -2.5, -2.51, 7)] == [3, 2, -2, -3, 7]
    # 0.145 x 100 is 14.499999999999998 in doubles.
    assert ref.nearest(0.145 * 100) == 14


def test_durations_in_months() -> None:
    # 6 x 30.4375 = 182.625; 12 x 30.4375 = 365.25; 18 x 30.4375 = 547.875
    assert [ref.days_in_months(m) for m in (6, 12, 18)] == [183, 365, 548]
    # The longest of lags 0 and 2 and of tails 3 and 12: 24 + 12.
    assert ref.modelled_months(24, [0, 2], [3, 12]) == 36
    assert ref.modelled_months(24, [], []) == 24


def test_calendar() -> None:
    start = date(2023, 11, 1)
    # November 30, December 31, January 31, February 2024 29 days.
    assert [ref.first_day_of_month(start, m) for m in range(5)] == [0, 30, 61, 92, 121]
    assert [ref.month_of_day(start, d) for d in (0, 29, 30, 91, 92, 120, 121)] == [
        0, 0, 1, 2, 3, 3, 4,
    ]  # fmt: skip


# ---------------------------------------------------------------- 1. luck


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        # The known answers published with Random123 for philox4x32, 10 rounds.
        (
            (0, 0, 0, 0),
            (0, 0),
            (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
        ),
        (
            (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
            (0xFFFFFFFF, 0xFFFFFFFF),
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(
    counter: tuple[int, int, int, int], key: tuple[int, int], words: tuple[int, int, int, int]
) -> None:
    assert ref.philox4x32_10(counter, key) == words


def test_uniforms_are_made_from_the_key_and_the_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def philox(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, int, int, int]:
        asked.append((counter, key))
        return 0x80000000, 0x000007FF, 0xFFFFFFFF, 0xFFFFFFFF

    monkeypatch.setattr(ref, "philox4x32_10", philox)
    # w0 = 2^31 gives one half and the low 11 bits of w1 are dropped; all ones give 1 - 2^-53.
    assert ref.uniforms(7, "people.adults.referred", 2**32 + 3, 5, 1) == (0.5, 1 - 2.0**-53)
    # `printf '7/people.adults.referred' | b2sum -l 64` prints bed631d9 87cef935.
    assert asked == [((5, 1, 3, 1), (0xD931D6BE, 0x35F9CE87))]


def test_uniforms_are_fixed_for_ever() -> None:
    assert ref.uniforms(7, "people.adults.referred", 3, 5, 0) == (
        0.40966117412460323,
        0.2732153980700138,
    )


# ---------------------------------------------------------------- 2. people


def test_referrals_rise_and_then_are_level() -> None:
    # D = 10, R = 4, A = 8. By the end of day 0, 1, 2: 1/64, 4/64, 9/64; then (4 - 2)/8 = 0.25,
    # 0.375, 0.5, 0.625, 0.75, 0.875, 1.
    days = {0.0: 0, 0.0156: 0, 1 / 64: 1, 4 / 64: 2, 0.2: 3, 0.25: 4, 0.5: 6, 0.874: 8, 0.999: 9}
    assert {u: ref.referral_day(u, 10, 4) for u in days} == days


def test_level_referrals_and_a_ramp_over_the_whole_time() -> None:
    assert [ref.referral_day(u, 4, 0) for u in (0.0, 0.2499, 0.25, 0.75)] == [0, 0, 1, 3]
    # D = R = 2, A = 1: F(1) = 1/4, F(2) = (2 - 1)/1 = 1
    assert [ref.referral_day(u, 2, 2) for u in (0.2, 0.25, 0.9)] == [0, 1, 1]
    with pytest.raises(ValueError, match="ramp_up"):
        ref.referral_day(0.5, 10, 11)


def test_leaving() -> None:
    # Half leave within 10 days: by day 9 1 - 0.5^0.9 = 0.4641, by day 10 0.5, by day 11 0.5335.
    assert [ref.leaving_day(u, 0.5, 10) for u in (0.0, 0.4642, 0.49, 0.5, 0.534)] == [
        1, 10, 10, 11, 12,
    ]  # fmt: skip
    # By day 1: 1 - 0.5^0.1 = 0.0670
    assert [ref.leaving_day(u, 0.5, 10) for u in (0.0669, 0.0671)] == [1, 2]
    assert ref.leaving_day(0.999, 0.0, 30) is None
    assert ref.leaving_day(0.999, 1.0, 30) == 1


def test_wait() -> None:
    table = [0.1, 0.1, 0.4, 0.9]
    assert [ref.wait(u, table, 9) for u in (0.0, 0.1, 0.4, 0.89)] == [0, 2, 3, 3]
    assert ref.wait(0.9, table, 9) is None  # a tenth never reach it
    assert ref.wait(0.5, table, 2) is None  # day 3 is beyond the last modelled day
    assert ref.wait(0.5, lambda d: d / 10, 9) == 6  # 0.5 < 6/10, not 0.5 < 5/10
    assert ref.wait(0.999, ref.fixed_wait(5), 9) == 5


# ---------------------------------------------------------------- 2 and 3. one person's story

JOB = {
    "name": "job",
    "follows": None,
    "chance": 0.6,
    "without": 0.4,
    "after": ref.fixed_wait(20),
    "after_without": ref.fixed_wait(5),
    "repeat": None,
}
KEPT = {
    "name": "kept",
    "follows": "job",
    "chance": 0.8,
    "without": 0.8,
    "after": ref.fixed_wait(28),
    "after_without": ref.fixed_wait(28),
    "repeat": None,
}


def tell(
    monkeypatch: pytest.MonkeyPatch,
    luck: dict[tuple[str, int], float],
    outcomes: list[dict[str, Any]],
    **changes: Any,
) -> dict[str, Any]:
    """Tell the story of a person who starts on day 0, with the first uniforms given."""
    first = {("people.c.referred", 0): 0.05, ("people.c.left", 0): 0.49, **luck}

    def uniforms(
        seed: int, address: str, trial: int, person: int, occurrence: int
    ) -> tuple[float, float]:
        return first[address, occurrence], 0.5

    monkeypatch.setattr(ref, "uniforms", uniforms)
    person: dict[str, Any] = {"seed": 1, "trial": 0, "person": 0, "cohort": "c"}
    person |= {"over_days": 10, "ramp_days": 0, "engage": 0.9, "leave": None, "stay_days": None}
    person |= {"contract_days": 90, "outcomes": outcomes}
    return ref.person_story(person | changes)


# Half leave within 10 days and the uniform is 0.49: day 10, as worked above.
LEAVE = (0.5, 10.0)


def test_story_of_somebody_who_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    job = JOB | {"repeat": {"chance": 0.5, "every_days": 30, "most": 4}}
    luck = {("people.c.outcomes.job", n): u for n, u in enumerate((0.5, 0.1, 0.7))}
    story = tell(monkeypatch, luck | {("people.c.outcomes.kept", 0): 0.2}, [job, KEPT])
    # Job: 0.5 < 0.6 on day 20, again (0.1 < 0.5) on day 50, then 0.7 ends it. Kept: 20 + 28.
    # Without: 0.5 is not below 0.4, so neither.
    assert story == {
        "referral": 0,
        "start": 0,
        "left": None,
        "service_end": 90,
        "with": [("job", 0, 20, True), ("job", 1, 50, True), ("kept", 0, 48, True)],
        "without": [],
    }


def test_repeats_end_with_most_with_the_contract_and_with_dropping_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    luck = {("people.c.outcomes.job", n): 0.1 for n in range(9)}
    job = JOB | {"repeat": {"chance": 0.5, "every_days": 30, "most": 3}}
    # Days 20, 50, 80 and no fourth time; the world without has day 5 only.
    story = tell(monkeypatch, luck, [job])
    assert [x[2] for x in story["with"]] == [20, 50, 80]
    assert story["without"] == [("job", 0, 5)]
    # Day 80 is at the end of a contract of 80 days: never.
    story = tell(monkeypatch, luck, [job], contract_days=80)
    assert [x[2] for x in story["with"]] == [20, 50]
    # 50 is the day of dropping out: still served; 80 is not reached, for want of it without.
    story = tell(monkeypatch, luck | {("people.c.left", 0): 0.968}, [job], leave=LEAVE)
    # 1 - 0.5^4.9 = 0.96650; 1 - 0.5^5 = 0.96875
    assert (story["left"], [x[2] for x in story["with"]]) == (50, [20, 50])


def test_story_of_somebody_never_engaged(monkeypatch: pytest.MonkeyPatch) -> None:
    # The second uniform is 0.5, which is not below 0.5.
    story = tell(monkeypatch, {("people.c.outcomes.job", 0): 0.0}, [JOB], engage=0.5)
    assert story["referral"] == 0
    assert story["start"] is None
    assert story["service_end"] is None
    assert (story["with"], story["without"]) == ([], [])


def test_after_dropping_out_the_world_without_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = {("people.c.outcomes.job", 0): 0.3, ("people.c.outcomes.kept", 0): 0.2}
    story = tell(monkeypatch, luck, [JOB, KEPT], leave=LEAVE)
    # With: day 20 > 10. Without: 5, then 5 + 28 = 33. Not before day 11: job 11, kept 33.
    assert story["left"] == story["service_end"] == 10
    assert story["without"] == [("job", 0, 5), ("kept", 0, 33)]
    assert story["with"] == [("job", 0, 11, False), ("kept", 0, 33, False)]
    # Kept for 2 days only: without on day 7, so with on day 11 also.
    short = KEPT | {"after": ref.fixed_wait(2), "after_without": ref.fixed_wait(2)}
    story = tell(monkeypatch, luck, [JOB, short], leave=LEAVE)
    assert story["with"] == [("job", 0, 11, False), ("kept", 0, 11, False)]


def test_dropping_out_with_no_day_without(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = {("people.c.outcomes.job", 0): 0.5, ("people.c.outcomes.kept", 0): 0.2}
    story = tell(monkeypatch, luck, [JOB, KEPT], leave=LEAVE)
    assert (story["with"], story["without"]) == ([], [])  # 0.5 < 0.6, but not 0.5 < 0.4


def test_reached_on_the_day_of_dropping_out_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = {("people.c.outcomes.job", 0): 0.3, ("people.c.outcomes.kept", 0): 0.2}
    job = JOB | {"after": ref.fixed_wait(10)}
    story = tell(monkeypatch, luck, [job, KEPT], leave=LEAVE)
    # Kept: 10 + 28 = 38 > 10, so the day without, 5 + 28 = 33.
    assert story["with"] == [("job", 0, 10, True), ("kept", 0, 33, False)]


def test_not_reached_with_the_service_is_not_served_either(monkeypatch: pytest.MonkeyPatch) -> None:
    # The service makes the outcome rarer: 0.3 is not below 0.2, but below 0.4.
    harm = JOB | {"chance": 0.2, "after_without": ref.fixed_wait(25)}
    luck = {("people.c.outcomes.job", 0): 0.3}
    assert tell(monkeypatch, luck, [harm])["with"] == []
    assert tell(monkeypatch, luck, [harm], leave=LEAVE)["with"] == [("job", 0, 25, False)]


def test_completing_the_stay_is_not_dropping_out(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = {("people.c.outcomes.job", 0): 0.5}
    story = tell(monkeypatch, luck, [JOB], leave=LEAVE, stay_days=10)
    # Day 10 is not before the end of the stay, day 10; the job on day 20 is served.
    assert (story["left"], story["service_end"]) == (None, 10)
    assert story["with"] == [("job", 0, 20, True)]
    story = tell(monkeypatch, luck, [JOB], leave=LEAVE, contract_days=10)
    assert (story["left"], story["service_end"]) == (None, 10)


def test_a_day_beyond_the_contract_is_never(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = {("people.c.outcomes.job", 0): 0.3}
    story = tell(monkeypatch, luck, [JOB], contract_days=20)
    assert (story["with"], story["without"]) == ([], [("job", 0, 5)])
    story = tell(monkeypatch, luck, [JOB], contract_days=21)
    assert story["with"] == [("job", 0, 20, True)]
    # Dropping out on day 10 of 11: the day after is beyond the contract.
    story = tell(monkeypatch, luck, [JOB], contract_days=11, leave=LEAVE)
    assert (story["left"], story["with"], story["without"]) == (10, [], [("job", 0, 5)])


def test_served_first_and_then_dropped_out_with_no_day_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    luck = {("people.c.outcomes.job", 0): 0.5, ("people.c.outcomes.kept", 0): 0.2}
    story = tell(monkeypatch, luck, [JOB | {"after": ref.fixed_wait(3)}, KEPT], leave=LEAVE)
    # Job on day 3 only thanks to the service; kept (3 + 28 > 10) has no day without.
    assert (story["with"], story["without"]) == ([("job", 0, 3, True)], [])


def test_an_outcome_may_stand_before_the_one_it_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = {("people.c.outcomes.job", 0): 0.5, ("people.c.outcomes.kept", 0): 0.2}
    story = tell(monkeypatch, luck, [KEPT, JOB])
    assert story["with"] == [("kept", 0, 48, True), ("job", 0, 20, True)]


def test_somebody_referred_after_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    # 10 days of referrals, 0.95: day 9. A contract of 9 days ends with day 8, one of 10 with day 9.
    luck = {("people.c.referred", 0): 0.95, ("people.c.outcomes.job", 0): 0.3}
    story = tell(monkeypatch, luck, [JOB], contract_days=9, leave=LEAVE)
    assert (story["referral"], story["start"], story["service_end"]) == (9, None, None)
    assert (story["with"], story["without"]) == ([], [])
    story = tell(monkeypatch, luck, [JOB], contract_days=10, leave=LEAVE)
    assert (story["start"], story["left"], story["service_end"]) == (9, None, 10)


def test_claims_of_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = {("people.c.outcomes.job", 0): 0.3, ("people.c.outcomes.kept", 0): 0.2}
    story = tell(monkeypatch, luck, [JOB | {"after": ref.fixed_wait(10)}, KEPT], leave=LEAVE)
    assert ref.served_claims("c/0", story, date(2024, 1, 1)) == [("c/0", "job", 0, 0)]


# ---------------------------------------------------------------- 4. payments


def term(name: str, kind: str, price: int, **more: Any) -> dict[str, Any]:
    """Return a term with nothing but its price."""
    plain = {"outcome": name, "claims_per_person": None, "cap": None, "lag": 0}
    return {"name": name, "kind": kind, "price": price, **plain, **more}


NO_CAPS: dict[str, int | None] = {
    "person": None,
    "period": None,
    "period_length": None,
    "contract": None,
}


def test_caps_in_their_order() -> None:
    terms = [
        term("start", "per_outcome", 500),
        term("job", "per_outcome", 2000, claims_per_person=2, cap=3000, lag=1),
        term("fee", "fee", 300),
    ]
    claims = [
        ("a", "job", 2, 3),  # the third job: beyond two claims a person
        ("a", "start", 0, 0),
        ("a", "job", 0, 1),
        ("a", "job", 1, 2),
        ("b", "start", 0, 1),
        ("b", "job", 0, 4),  # after the contract
    ]
    caps = {"person": 4000, "period": 3000, "period_length": 2, "contract": 4000}
    # Claims: a 500 (0), 2000 (1), 2000 (2); b 500 (1); fee 300 in months 0-3.
    # Person: a 500 + 2000 + 1500, cut 500. Term: job 2000 + 1000, cut 500.
    # Period 0-1: 500 + 300, 500 + 2000 + 300 = 3600: job 1700, fee nil, cut 600. Period 2-3:
    # 1000 + 300 + 300, not cut. Contract: 3000 + 1000 = 4000, then 300 + 300 cut.
    assert ref.pay(terms, claims, 4, caps) == {
        "owed": {"start": 1000, "job": 4000, "fee": 1200},
        "paid": {
            "start": [500, 500, 0, 0, 0],
            "job": [0, 0, 1700, 1000, 0],
            "fee": [300, 0, 0, 0, 0],
        },
        "cut": {"person": 500, "term": 500, "period": 600, "contract": 600},
    }


def test_a_cap_of_nil_is_a_cap() -> None:
    result = ref.pay([term("fee", "fee", 300, cap=0)], [], 2, NO_CAPS)
    assert result["paid"] == {"fee": [0, 0]}
    assert result["cut"]["term"] == 600


def test_the_cap_on_a_person_leaves_fees_alone_and_follows_the_file() -> None:
    terms = [term("b", "per_outcome", 700), term("a", "per_outcome", 700), term("fee", "fee", 50)]
    claims = [("p", "a", 0, 0), ("p", "b", 0, 0), ("q", "a", 0, 0)]
    result = ref.pay(terms, claims, 1, NO_CAPS | {"person": 1000})
    # p: b 700 first, then a 300; q: a 700.
    assert result["paid"] == {"b": [700], "a": [1000], "fee": [50]}
    assert result["cut"]["person"] == 400


# ---------------------------------------------------------------- 5. costs and capital


def test_costs() -> None:
    rates = {"fixed": 1000, "set_up": 5000, "per_start": 250.5, "per_month": 10000}
    # 2024: January 31 days, February from day 31. First person days 0-39: 31 + 9; second days
    # 31-44: 14. January 10000 x 31 / 30.4375 = 10184.80; February 10000 x 23 / 30.4375 = 7556.47.
    # Each month has one start; 250.5 is rounded upwards.
    assert ref.costs([(0, 40), (31, 45)], rates, date(2024, 1, 1), 2, 3) == {
        "fixed": [1000, 1000, 0],
        "set_up": [5000, 0, 0],
        "per_start": [251, 251, 0],
        "per_month": [10185, 7556, 0],
        "total": [16436, 8807, 0],
    }
    # 4000 a week is 4000 x 30.4375 / 7 = 17392.86 a month, which is not rounded by itself: ten
    # people for 28 days, 40 weeks in all, cost 160000 (17393 x 280 / 30.4375 would be 160001).
    weekly = rates | {"per_month": 4000 * 30.4375 / 7}
    table = ref.costs([(0, 28)] * 10, weekly, date(2024, 1, 1), 1, 1)
    assert table["per_month"] == [160000]


def bond(commitment: int, **more: Any) -> dict[str, Any]:
    """Return capital drawn on need and given out monthly, with nothing held."""
    plain = {"draw": "on_need", "distribute": "monthly", "distribute_from": 0, "hold": 0}
    return {"commitment": commitment, **plain, "investor_share": 0.5, **more}


def test_drawn_on_need_with_a_hold() -> None:
    book = ref.capital(
        [0, 0, 300, 900, 200],
        [400, 400, 400, 100, 0],
        4,
        bond(1000, hold=1, investor_share=0.505),
        1,
    )
    # Month 3: 900 - 100 = 800, hold 100, 700 to the investor (900 drawn). Month 4: 100 + 200,
    # no hold; 200 still to give back; of 100 the investor gets 50.5, rounded to 51.
    assert book == {
        "drawn": [400, 400, 100, 0, 0],
        "paid": [400, 400, 400, 100, 0],
        "unpaid": [0, 0, 0, 0, 0],
        "to_investor": [0, 0, 0, 700, 251],
        "to_provider": [0, 0, 0, 0, 49],
        "cash": [0, 0, 0, 100, 0],
        "provider": [0, 0, 0, 0, 49],
    }


def test_the_provider_carries_what_the_commitment_cannot() -> None:
    book = ref.capital([0, 0, 350], [400, 400, 0], 2, bond(500), 1)
    # Month 1: 100 left to draw, 300 unpaid. Month 2: 350 pays the 300; 50 to the investor.
    assert book["drawn"] == [400, 100, 0]
    assert book["paid"] == [400, 100, 300]
    assert book["unpaid"] == [0, 300, 0]
    assert book["to_investor"] == [0, 0, 50]
    assert book["provider"] == [0, -300, 300]


def test_drawn_up_front() -> None:
    at_end = bond(1000, draw="up_front", distribute="at_end")
    book = ref.capital([0, 0, 500], [300, 300, 0], 2, at_end, 1)
    assert book["drawn"] == [1000, 0, 0]
    assert book["cash"] == [700, 400, 0]
    assert book["to_investor"] == [0, 0, 900]
    # Given out monthly and with no hold, what is not due goes straight back: the costs of month 1
    # go unpaid until month 2, when 500 - 300 = 200 is over.
    book = ref.capital([0, 0, 500], [300, 300, 0], 2, bond(1000, draw="up_front"), 1)
    assert book["to_investor"] == [700, 0, 200]
    assert book["paid"] == [300, 0, 300]
    # Nothing before month 2: the 400 left after two months and the 500 go out together.
    waiting = bond(1000, draw="up_front", distribute_from=2)
    assert ref.capital([0, 0, 500], [300, 300, 0], 2, waiting, 1)["to_investor"] == [0, 0, 900]


def test_drawn_again_after_a_surplus() -> None:
    book = ref.capital([0, 150, 0, 100], [100, 0, 100, 0], 4, bond(200), 0)
    # Month 1: 100 back, of 50 the investor gets 25. Month 3: 200 drawn, 125 had: 75 back, and of
    # the other 25 12.5, rounded to 13.
    assert book["drawn"] == [100, 0, 100, 0]
    assert book["to_investor"] == [0, 125, 0, 88]
    assert book["to_provider"] == [0, 25, 0, 12]


def test_nothing_is_held_in_the_closing_month() -> None:
    # M = 2, no lag: month 1 closes. 400 - 100 = 300: 100 back and half of 200.
    at_end = bond(100, hold=1, distribute="at_end", distribute_from=9)
    book = ref.capital([0, 400, 0], [100, 100, 0], 2, at_end, 0)
    assert book["cash"] == [0, 0, 0]
    assert (book["to_investor"], book["to_provider"]) == ([0, 200, 0], [0, 100, 0])
    # With a lag of 1, month 1 is not the closing month: 300 wait for month 2.
    book = ref.capital([0, 400, 0], [100, 100, 0], 2, at_end, 1)
    assert book["cash"] == [0, 300, 0]
    assert book["to_investor"] == [0, 0, 200]
    # Given out monthly, month 1 still holds 100: 100 back, half of 100; the rest in month 2.
    book = ref.capital([0, 400, 0], [100, 100, 0], 2, bond(100, hold=1), 1)
    assert book["to_investor"] == [0, 150, 50]


def test_less_in_hand_than_the_hold() -> None:
    # Month 0: 150 - 100 = 50 in hand, 200 to be held: nothing is given out. Month 1 is month M:
    # nothing is held, though something is spent; 50 + 100 - 100 is given out, half to each.
    book = ref.capital([150, 100], [100, 100], 1, bond(1, hold=2), 1)
    assert book["cash"] == [50, 0]
    assert (book["to_investor"], book["to_provider"]) == ([0, 25], [0, 25])


def test_without_capital() -> None:
    book = ref.capital([0, 150], [100, 0], 1, None, 1)
    assert book["unpaid"] == [100, 0]
    assert (book["paid"], book["to_provider"]) == ([0, 100], [0, 50])
    assert book["provider"] == [-100, 150]
    # A commitment of nil: whatever the share, there is no investor to give it to.
    book = ref.capital([0, 150], [100, 0], 1, bond(0), 1)
    assert (book["to_investor"], book["to_provider"]) == ([0, 0], [0, 50])


# ---------------------------------------------------------------- 6. returns


@pytest.mark.parametrize(
    ("flow", "status", "rate"),
    [
        # 100 out, 110 back twelve months later: 10 % a year.
        ([-100] + [0] * 11 + [110], "ok", 0.1),
        # The same, begun late and ended early: months of nil at either end change nothing.
        ([0, -100] + [0] * 11 + [110, 0], "ok", 0.1),
        # 100 out, 50 back: half lost in a month, 0.5^12 - 1.
        ([-100, 50], "ok", 0.5**12 - 1),
        # 50 % in a month is 12875 % a year: the only root, though beyond 1000 %.
        ([-100, 150], "ok", 1.5**12 - 1),
        # (1 - 1.01 v)(1 - 1.02 v) = 1 - 2.03 v + 1.0302 v^2: 1 % and 2 % a month.
        ([-10000, 20300, -10302], "several", None),
        # (1 - 1.01 v)^2 = 1 - 2.02 v + 1.0201 v^2: one root, touched and not crossed.
        ([-10000, 20200, -10201], "ok", 1.01**12 - 1),
        # (1 - 1.01 v)(1 - 1.5 v) = 1 - 2.51 v + 1.515 v^2: the second is beyond 1000 % a year.
        ([-1000, 2510, -1515], "ok", 1.01**12 - 1),
        # 1 - v + v^2 has no real root: 1 - 4 < 0.
        ([-100, 100, -100], "none", None),
        ([0, 0], "none", None),
        ([0, 100], "none", None),
        ([-100, 0, -50], "total loss", -1.0),
    ],
)
def test_irr(flow: list[int], status: str, rate: float | None) -> None:
    found, value = ref.irr(flow)
    assert found == status
    if rate is None:
        assert value is None
    else:
        assert value == pytest.approx(rate, rel=1e-12)


def test_irr_where_a_month_nets_off() -> None:
    # 100 drawn and 20 given back in one month: a loss, but something was given back.
    assert ref.irr([-80], drawn=100, given=20) == ("none", None)
    # Drawn and given back at once: every rate would do.
    assert ref.irr([0], drawn=100, given=100) == ("none", None)


def test_returns() -> None:
    # Cumulated: -400, -800, -900, -200, 51.
    result = ref.returns([400, 400, 100, 0, 0], [0, 0, 0, 700, 251])
    assert result["irr_status"] == "ok"
    assert result["multiple"] == 951 / 900
    assert (result["peak_funding"], result["payback_month"], result["loss"]) == (900, 5, 0)
    # A flow that is never negative has no payback and needs no funding.
    result = ref.returns([0, 0], [0, 0])
    assert (result["multiple"], result["payback_month"]) == (None, None)
    assert (result["peak_funding"], result["loss"]) == (0, 0)
    # -100, 0, -50, -10: back at the end of month 2, but called again and then not all back.
    result = ref.returns([100, 0, 50, 0], [0, 100, 0, 40])
    assert (result["peak_funding"], result["payback_month"], result["loss"]) == (100, None, 1)
    # -100, 0, -50, 10: all is back at the end of month 4.
    assert ref.returns([100, 0, 50, 0], [0, 100, 0, 60])["payback_month"] == 4


# ---------------------------------------------------------------- 7. savings


def test_savings_counts() -> None:
    assert ref.savings_counts([0, 2, 2], [1, 2], 4) == [1, -1, 1, 0]


SAVING = {
    "amount": 120000,
    "per": "year",
    "lag": 1,
    "lasts": 2,
    "price_year": 2010,
    "cashable": 0.25,
}


def test_a_flow_of_savings() -> None:
    # January 2013 is in 2012/13: two years' uprating, 1.02^2 = 1.0404; 10000 a month gives 10404.
    # One person from month 0 (months 1 and 2), two from month 1 (2 and 3), one fewer from month
    # 12 (13 and 14, of which 14 is not modelled). Month 13 is in the second year:
    # 10000 x 1.0404 x 1.02 = 10612.08; a quarter of -10612 is -2653.
    counts = [1, 2] + [0] * 10 + [-1, 0]
    table = ref.savings(SAVING, counts, date(2013, 1, 1), 0.02, "nominal")
    assert table["people"] == [0, 1, 3, 2] + [0] * 9 + [-1]
    assert table["amount"] == [0, 10404, 31212, 20808] + [0] * 9 + [-10612]
    assert table["cashable"] == [0, 2601, 7803, 5202] + [0] * 9 + [-2653]
    real = ref.savings(SAVING, counts, date(2013, 1, 1), 0.02, "real")
    assert real["amount"][13] == -10404
    # With no lag the flow begins in month 12, the first month of the second year.
    early = ref.savings(SAVING | {"lag": 0}, counts, date(2013, 1, 1), 0.02, "nominal")
    assert early["amount"][12] == -10612


def test_cashable_is_a_share_of_the_rounded_saving() -> None:
    # 3 x 1.02^2 = 3.1212 is 3; 0.49 of 3 is 1.47, so 1 (0.49 of 3.1212 is 1.529, so 2).
    each = SAVING | {"per": "each", "lag": 0, "amount": 3, "cashable": 0.49}
    table = ref.savings(each, [1], date(2013, 1, 1), 0.02, "real")
    assert (table["amount"], table["cashable"]) == ([3], [1])


def test_other_units_of_saving() -> None:
    def amounts(**changes: Any) -> list[int]:
        saving = SAVING | {"price_year": None} | changes
        return ref.savings(saving, [1, 0, 0, 0], date(2013, 4, 1), 0.02, "nominal")["amount"]

    assert amounts(per="month", amount=500) == [0, 500, 500, 0]
    # 700 x 30.4375 / 7 = 3043.75; 100 x 30.4375 = 3043.75
    assert amounts(per="week", amount=700) == [0, 3044, 3044, 0]
    assert amounts(per="day", amount=100, lag=0, lasts=1) == [3044, 0, 0, 0]
    assert amounts(per="each", amount=900, lag=2) == [0, 0, 900, 0]


def test_financial_years() -> None:
    assert [ref.financial_year(d) for d in (date(2013, 3, 31), date(2013, 4, 1))] == [2012, 2013]


def test_discounting() -> None:
    factors = ref.discount_factors(12 * 32 + 1, None)
    assert factors[0] == factors[11] == 1
    assert factors[12] == factors[23] == 1 / Fraction("1.035")
    assert factors[12 * 30] == 1 / Fraction("1.035") ** 30
    # Years 31 and 32 are at 3 %.
    assert factors[12 * 32] == 1 / (Fraction("1.035") ** 30 * Fraction("1.03") ** 2)
    assert ref.discount_factors(25, 0.1)[24] == 1 / Fraction("1.21")
    years = {30: "0.035", 31: "0.03", 75: "0.03", 76: "0.025", 125: "0.025", 126: "0.02"}
    for year, rate in years.items():
        assert ref.discount_rate(year, None) == Fraction(rate)


def test_present_value() -> None:
    flow = [100] + [0] * 11 + [110]
    # 100 + 110 / 1.1 = 200; nominal with 25 % inflation: 100 + 110 / 1.25 / 1.1 = 180.
    assert ref.present_value(flow, 0.1, 0.25, "real") == 200.0
    assert ref.present_value(flow, 0.1, 0.25, "nominal") == 180.0


# ---------------------------------------------------------------- 8. summary


def test_summary() -> None:
    result = ref.summary([4.0, None, 1.0, 3.0, 2.0], [0.0, 0.1, 0.5, 1.0])
    # Mean 2.5; squares 2.25 + 0.25 + 0.25 + 2.25 = 5, over 3; / sqrt(4) for the error.
    assert result["mean"] == 2.5
    assert result["sd"] == pytest.approx((5 / 3) ** 0.5)
    assert result["standard_error"] == pytest.approx((5 / 3) ** 0.5 / 2)
    assert result["percentiles"] == pytest.approx([1.0, 1.3, 2.5, 4.0])
    assert result["undefined_share"] == pytest.approx(0.2)
