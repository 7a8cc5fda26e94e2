"""The model card that a training writes."""

from pathlib import Path

from styleprop.training.plan import TrainingPlan


def model_card(name: str, plan: TrainingPlan, step: int, scores: dict[str, float]) -> str:
    """A short model card: what was trained, on what, how long, and how it scored."""
    data = "; ".join(f"{kind}: {', '.join(Path(path).name for path in paths)}" for kind, paths in plan.data.items())
    settings = plan.training
    lines = [
        f"# {name}",
        "",
        f"Made by `python -m styleprop train {plan.kind}`: {step} of {settings.total_steps} steps, "
        f"{settings.batch_size} crops of {settings.crop_size} pixels a step, learning rate {settings.learning_rate:g}.",
        "",
        f"Data: {data}.",
        *([f"Starts from: {Path(plan.start).name}."] if plan.start else []),
        *([f"Held-out scores: {', '.join(f'{key} {value:.3f}' for key, value in scores.items())}."] if scores else []),
    ]
    return "\n".join(lines) + "\n"
