"""The rate of the register's import, as a part of the whole; see `import_rate`, which can do more by itself."""

from __future__ import annotations

from tests.benchmarks.figures import Aim, Bar, Findings, number
from tests.benchmarks.ground import Ground
from tests.benchmarks.import_rate import AIM, measure_import


def measure(ground: Ground) -> Findings:
    """Import a file in both formats: new, the same again, a tenth changed."""
    from identity.members.insurers import seed_insurers

    seed_insurers()
    rates = []
    for rate in measure_import(ground.size(long=100_000, short=5_000, tiny=100), ground.database_pid):
        ground.tell(f"  {rate}")
        rates.append(rate)
    new = [rate for rate in rates if rate.name.endswith("new")]
    return Findings(
        part="imports",
        title="Import of the register",
        head=["", "rows", "rows a second", "CPU µs import", "CPU µs PostgreSQL"],
        rows=[
            [each.name, f"{each.rows:,}", *map(number, (each.per_second, each.import_cpu_us, each.database_cpu_us))]
            for each in rates
        ],
        aims=[Aim("new rows a second, the slower format", min(rate.per_second for rate in new), AIM, loosely=0.2)],
        bars=[Bar(each.name, each.per_second, ours=True) for each in rates],
        bar_title="Rows a second",
    )
