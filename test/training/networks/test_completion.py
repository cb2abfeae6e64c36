"""Completion head: bounded by its candidates, moves with a common factor."""

from eventdepth_core.networks.completion import (
    CompletionHead,
    MAX_RESIDUAL,
    shifted_onto_points,
)
import torch

SIZE = (16, 24)


def scene(seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    prefill = torch.randn(2, 4, *SIZE, generator=generator)
    prefill[:, 2:] = prefill[:, 2:].abs()
    prefill[:, 3, ::3, ::5] = 0.0
    return {
        'prefill': prefill,
        'layout': torch.randn(2, 2, *SIZE, generator=generator),
        'events': torch.randn(2, 2, *SIZE, generator=generator),
        'image': torch.randn(2, 3, *SIZE, generator=generator),
        'present': torch.ones(3, 2),
    }


def head(seed: int = 0) -> CompletionHead:
    torch.manual_seed(seed)
    module = CompletionHead().eval()
    for parameter in module.parameters():
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    return module


def test_output_stays_within_the_candidates_and_the_residual_bound() -> None:
    inputs = scene()

    log_depth, _ = head()(**inputs)

    shifted = shifted_onto_points(inputs['layout'][:, :1], inputs['prefill'])
    candidates = torch.cat([inputs['prefill'][:, :2], shifted], dim=1)
    assert (log_depth <= candidates.amax(dim=1, keepdim=True) + MAX_RESIDUAL + 1e-5).all()
    assert (log_depth >= candidates.amin(dim=1, keepdim=True) - MAX_RESIDUAL - 1e-5).all()


def test_a_common_factor_moves_the_output_by_that_factor() -> None:
    module, inputs = head(), scene()
    moved = {**inputs, 'prefill': inputs['prefill'].clone(), 'layout': inputs['layout'].clone()}
    moved['prefill'][:, :2] += 0.7
    moved['layout'][:, :1] += 0.7

    first, first_variance = module(**inputs)
    second, second_variance = module(**moved)

    torch.testing.assert_close(second, first + 0.7, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(second_variance, first_variance, atol=1e-4, rtol=1e-4)


def test_guides_of_absent_sensors_are_ignored() -> None:
    module, inputs, other = head(), scene(), scene(seed=5)
    inputs['present'] = torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    changed = {**inputs, 'events': other['events'], 'image': other['image']}

    torch.testing.assert_close(module(**inputs)[0], module(**changed)[0])


def test_layout_is_moved_onto_the_points() -> None:
    inputs = scene()

    shifted = shifted_onto_points(inputs['layout'][:, :1], inputs['prefill'])

    measured = inputs['prefill'][:, 3:] <= 0
    error = (inputs['prefill'][:, :1] - shifted) * measured
    torch.testing.assert_close(error.sum(dim=(1, 2, 3)), torch.zeros(2), atol=1e-4, rtol=0)


def test_every_parameter_receives_a_gradient() -> None:
    module = head().train()

    log_depth, log_variance = module(**scene())
    (log_depth.square().mean() + log_variance.square().mean()).backward()

    missing = [name for name, p in module.named_parameters() if p.grad is None or not p.grad.any()]
    assert missing == []
