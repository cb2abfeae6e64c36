"""Depth losses: masks, invariances, likelihoods."""

import math

import pytest
import torch
from training.losses.depth import (
    gradient_loss,
    laplace_nll,
    masked_mean,
    relative_error,
    scale_nll,
)


def planes(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    error = torch.randn(3, 1, 16, 24, generator=generator)
    valid = torch.rand(3, 1, 16, 24, generator=generator) < 0.7
    return error, valid


def test_masked_mean_ignores_invalid_pixels() -> None:
    error, valid = planes()
    spoiled = torch.where(valid, error, torch.tensor(1e6))

    torch.testing.assert_close(masked_mean(spoiled, valid), masked_mean(error, valid))


def test_a_sample_without_valid_pixels_gives_zero_and_no_gradient() -> None:
    error = torch.ones(2, 1, 8, 8, requires_grad=True)
    valid = torch.zeros(2, 1, 8, 8, dtype=torch.bool)
    valid[1] = True

    total = masked_mean(error, valid) + gradient_loss(error, valid)
    total.sum().backward()

    assert float(total[0].detach()) == 0.0
    assert not error.grad[0].any()
    assert error.grad[1].any()


def test_gradient_loss_does_not_see_a_constant() -> None:
    error, valid = planes()
    everywhere = torch.ones_like(valid)

    torch.testing.assert_close(
        gradient_loss(error + 3.0, everywhere), gradient_loss(error, everywhere), atol=1e-4, rtol=0
    )
    assert (gradient_loss(torch.full_like(error, 2.0), everywhere) == 0).all()
    assert (gradient_loss(error, valid) > 0).all()


def test_laplace_likelihood_is_smallest_at_the_true_spread() -> None:
    generator = torch.Generator().manual_seed(1)
    uniform = torch.rand(1, 1, 200, 200, generator=generator) - 0.5
    error = -0.3 * uniform.sign() * torch.log1p(-2 * uniform.abs())  # Laplace with b = 0.3
    valid = torch.ones_like(error, dtype=torch.bool)

    def nll(log_variance: float) -> float:
        return float(laplace_nll(error, torch.full_like(error, log_variance), valid))

    true = math.log(2 * 0.3**2)
    assert nll(true) < nll(true - 0.4)
    assert nll(true) < nll(true + 0.4)


def test_relative_error_is_abs_rel() -> None:
    predicted, target = torch.tensor([4.0, 1.0]), torch.tensor([2.0, 2.0])
    error = (predicted / target).log().reshape(1, 1, 1, 2)

    loss = relative_error(error, torch.ones_like(error, dtype=torch.bool))

    assert float(loss) == pytest.approx((1.0 + 0.5) / 2, rel=1e-6)


def test_scale_likelihood_is_smallest_at_the_squared_error() -> None:
    error = torch.tensor([0.7])

    best = scale_nll(error, error.square().log())

    assert float(best) < float(scale_nll(error, error.square().log() + 0.3))
    assert float(best) < float(scale_nll(error, error.square().log() - 0.3))
