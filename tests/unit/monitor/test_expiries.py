"""What expires is told by its day or by its certificate, and faults are all told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from detectors.yaml_file import FaultyError
from monitor.expiries import load_expiries
from streams.moments import iso


def _certificate(until: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "console")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.serial_number(1).not_valid_before(until - timedelta(days=9)).not_valid_after(until)
    return dated.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_a_day_ends_in_shanghai(tmp_path: Path) -> None:
    (tmp_path / "expiries.yaml").write_text("expiries: [{name: webhook, until: 2027-03-31}]")
    (one,) = load_expiries(tmp_path / "expiries.yaml")
    assert iso(one.at()).startswith("2027-03-31T23:59:59")


def test_of_a_chain_the_first_to_expire_counts(tmp_path: Path) -> None:
    first, later = datetime(2027, 1, 2, tzinfo=UTC), datetime(2028, 1, 2, tzinfo=UTC)
    (tmp_path / "chain.pem").write_bytes(_certificate(later) + _certificate(first))
    (tmp_path / "expiries.yaml").write_text("expiries: [{name: tls, certificate: chain.pem}]")
    (one,) = load_expiries(tmp_path / "expiries.yaml")
    assert iso(one.at()).startswith("2027-01-02T08:00:00")


def test_without_the_file_nothing_expires(tmp_path: Path) -> None:
    assert list(load_expiries(tmp_path / "expiries.yaml")) == []


def test_all_faults_are_told(tmp_path: Path) -> None:
    (tmp_path / "expiries.yaml").write_text(
        "expiries:\n- {name: a}\n- {name: b, until: soon}\n- {name: b, until: 2027-01-01, colour: red}\n"
    )
    with pytest.raises(FaultyError) as raised:
        load_expiries(tmp_path / "expiries.yaml")
    assert [fault.line for fault in sorted(raised.value.faults)] == [1, 2, 3, 4]
