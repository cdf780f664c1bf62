"""What a process holds in memory, as Linux tells it."""

from pathlib import Path


def memory(process: int | str = "self") -> dict[str, int]:
    """Bytes that a process holds (VmRSS), and the most it held (VmHWM). What `getrusage` tells of the most begins with
    what the process had that started it."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    held = dict(line.split(":", 1) for line in lines if line.startswith("Vm"))
    return {name: int(held[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")}
