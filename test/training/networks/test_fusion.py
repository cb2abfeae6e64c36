"""Product of experts: exact omission, order-free, never wider."""

from eventdepth_core.networks.fusion import divergence_from_prior, product_of_experts
from hypothesis import given, settings
from hypothesis import strategies as st
import pytest
import torch

SHAPE = (1, 1, 1, 1)


def expert(mean: float, variance: float) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.full(SHAPE, mean), torch.full(SHAPE, variance).log()


def fused(*experts: tuple[float, float], present: list[float]) -> tuple[float, float]:
    pairs = [expert(*e) for e in experts]
    mu = torch.stack([mean for mean, _ in pairs])
    logvar = torch.stack([logvar for _, logvar in pairs])
    mean, variance = product_of_experts(mu, logvar, torch.tensor(present)[:, None])
    return float(mean), float(variance)


def test_oracle_of_prior_and_two_experts() -> None:
    mean, variance = fused((1.0, 1.0), (-2.0, 0.25), present=[1.0, 1.0])

    assert mean == pytest.approx(-7 / 6, rel=1e-6)
    assert variance == pytest.approx(1 / 6, rel=1e-6)


def test_absent_expert_is_left_out_exactly() -> None:
    alone = fused((1.0, 1.0), present=[1.0])
    beside = fused((1.0, 1.0), (-2.0, 0.25), present=[1.0, 0.0])

    assert beside == alone == (0.5, 0.5)


def test_without_experts_the_posterior_is_the_prior() -> None:
    assert fused((3.0, 0.1), present=[0.0]) == (0.0, 1.0)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.floats(-3, 3), st.floats(0.01, 5.0), st.sampled_from([0.0, 1.0])),
        min_size=2,
        max_size=4,
    )
)
def test_order_does_not_matter_and_the_posterior_is_never_wider(
    experts: list[tuple[float, float, float]],
) -> None:
    forward = fused(*[e[:2] for e in experts], present=[e[2] for e in experts])
    backward = fused(*[e[:2] for e in experts[::-1]], present=[e[2] for e in experts[::-1]])

    assert forward == pytest.approx(backward, rel=1e-4, abs=1e-5)
    assert forward[1] <= 1.0 + 1e-6
    assert all(forward[1] <= e[1] * (1 + 1e-4) for e in experts if e[2])


def test_divergence_of_the_prior_from_itself_is_zero() -> None:
    assert float(divergence_from_prior(torch.zeros(2, 3), torch.ones(2, 3))) == 0.0
