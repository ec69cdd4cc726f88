"""`expiries.yaml`: what expires, so that somebody is told in time: certificates, secrets, passwords."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from cryptography import x509

from detectors.yaml_file import Faults, Node, load
from streams.moments import day_end, instant, parse_day


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """Something that expires: at the end of a day, or when the first certificate of a PEM file does."""

    name: str
    until: int | None = None
    certificate: Path | None = None

    def at(self) -> int:
        """The instant. Raises OSError or ValueError where the certificate cannot be read."""
        if self.until is not None:
            return self.until
        assert self.certificate is not None
        found = x509.load_pem_x509_certificates(self.certificate.read_bytes())
        return min(instant(one.not_valid_after_utc.astimezone(UTC)) for one in found)


def load_expiries(path: Path, faults: Faults | None = None) -> Sequence[Expiry]:
    """Read the file; no such file, nothing expires. Paths in it are relative to its folder.

    Raises FaultyError with all faults, or collects them where `faults` is given.
    """
    if not path.exists():
        return ()
    collected = Faults() if faults is None else faults
    top = load(path, collected)
    read = [_expiry(node, path.parent) for node in top.children("expiries")]
    top.done()
    for number, one in enumerate(read):
        if one.name in {other.name for other in read[:number]}:
            top.fault(f"two entries are called {one.name}")
    if faults is None:
        collected.check()
    return read


def _expiry(node: Node, folder: Path) -> Expiry:
    name = node.text("name")
    until, certificate = node.text("until", ""), node.text("certificate", "")
    node.done()
    if bool(until) == bool(certificate):
        node.fault("give either until (a day) or certificate (a PEM file)")
    if until:
        try:
            return Expiry(name=name, until=day_end(parse_day(until)))
        except ValueError:
            node.fault("until must be a day such as 2027-03-31")
    return Expiry(name=name, certificate=folder / certificate)
