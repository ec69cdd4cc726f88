"""The keys behind pseudonyms, ids and sealing: everything that hides a person hangs on one secret file.

The pseudonym and id keys are for life: another secret file means other pseudonyms and other alert ids. The sealing
key can be changed: a ring beside the secret file holds further keys, the last one seals, all of them unseal.
"""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streams.errors import UnusableError
from streams.names import compared_form

DIGEST_BYTES = 16
"""Bytes of a pseudonym before it is written as text."""
_SECRET_BYTES = 32
_NONCE_BYTES = 12


class Keys:
    """The keys derived from one secret."""

    def __init__(
        self, secret: bytes, ring: Sequence[bytes] = (), read_ring: Callable[[], Sequence[bytes]] | None = None
    ) -> None:
        """`ring` holds further sealing keys of 32 bytes, oldest first; `read_ring` reads it anew."""
        root = blake2b(secret, digest_size=64).digest()

        def derive(purpose: bytes) -> bytes:
            return blake2b(key=root, digest_size=32, person=purpose).digest()

        self._pseudonym = blake2b(key=derive(b"pseudonym"), digest_size=DIGEST_BYTES)
        self._name = blake2b(key=derive(b"name"), digest_size=8)
        self._id = blake2b(key=derive(b"id"), digest_size=16)
        self._nonce = blake2b(key=derive(b"nonce"), digest_size=_NONCE_BYTES)
        self._ciphers: dict[str, AESGCM] = {}
        self._read_ring = read_ring
        self._take([derive(b"seal"), *ring])

    def _take(self, sealing_keys: Iterable[bytes]) -> None:
        for key in sealing_keys:
            self._sealing = _key_id(key)
            self._ciphers[self._sealing] = AESGCM(key)

    @classmethod
    def from_file(cls, path: Path) -> "Keys":
        """The keys of a secret file and the ring beside it. Raises UnusableError."""
        try:
            secret = path.read_bytes()
        except OSError as error:
            raise UnusableError(
                f"secret file {path}: {error.strerror}; set MONITOR_SECRET_FILE to a file of at least 32 bytes"
            ) from error
        if len(secret) < _SECRET_BYTES:
            raise UnusableError(f"secret file {path}: holds {len(secret)} bytes, at least 32 are needed")
        ring = ring_path(path)
        return cls(secret, _read_ring(ring), lambda: _read_ring(ring))

    @property
    def sealing_keys(self) -> tuple[str, ...]:
        """The ids of all sealing keys, oldest first; the last one seals."""
        return tuple(self._ciphers)

    def digest(self, id_number: str) -> bytes:
        """The pseudonym of a normalised identity number, as 16 bytes."""
        state = self._pseudonym.copy()
        state.update(id_number.encode())
        return state.digest()

    def digests(self, id_numbers: Iterable[str]) -> list[bytes]:
        """`digest` of many at once."""
        start = self._pseudonym.copy
        found = []
        for id_number in id_numbers:
            state = start()
            state.update(id_number.encode())
            found.append(state.digest())
        return found

    def pseudonym(self, id_number: str) -> str:
        """The pseudonym of a normalised identity number: 22 characters."""
        return pseudonym_text(self.digest(id_number))

    def name_mark(self, name: str) -> str:
        """11 characters that are equal for names of equal compared form; empty where nothing is left to compare."""
        form = compared_form(name)
        if not form:
            return ""
        state = self._name.copy()
        state.update(form.encode())
        return _text(state.digest())

    def id(self, *parts: str) -> str:
        """An id made of parts, in 22 characters; different parts give different ids."""
        state = self._id.copy()
        for part in parts:
            data = part.encode()
            state.update(len(data).to_bytes(4, "big"))
            state.update(data)
        return _text(state.digest())

    def seal(self, text: str, context: str) -> str:
        """Encrypt a text so that only `unseal` with the same context opens it.

        The nonce is made of the content, so the same text gives the same ciphertext: a message that is sent again
        stays the same, and no two texts share a nonce.
        """
        data, label = text.encode(), context.encode()
        state = self._nonce.copy()
        state.update(len(label).to_bytes(4, "big") + label + data)
        nonce = state.digest()
        return f"{self._sealing}.{_text(nonce + self._ciphers[self._sealing].encrypt(nonce, data, label))}"

    def unseal(self, sealed: str, context: str) -> str:
        """Open what `seal` closed. Raises UnusableError where the key is another or the text was changed."""
        key_id, _, body = sealed.partition(".")
        cipher = self._ciphers.get(key_id)
        if cipher is None and self._read_ring is not None:
            # Another process seals with a key that was added since: this one need not be started anew for it.
            self._take(self._read_ring())
            cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnusableError(f"sealed text: key {key_id[:8]!r} is not in the secret file or its ring; restore it")
        try:
            data = urlsafe_b64decode(body + "=" * (-len(body) % 4))
            return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, BadBase64, ValueError) as error:
            raise UnusableError("sealed text: was changed, or belongs elsewhere") from error

    def sealed_now(self, sealed: str) -> bool:
        """The text is sealed with the newest key."""
        return sealed.startswith(self._sealing + ".")

    def reseal(self, sealed: str, context: str) -> str:
        """The same text sealed with the newest key. Raises UnusableError as `unseal` does."""
        return self.seal(self.unseal(sealed, context), context)


def pseudonym_text(digest: bytes) -> str:
    """A pseudonym's bytes as text."""
    return _text(digest)


def make_secret_file(path: Path) -> None:
    """Write a new secret file that only its owner reads. Leaves a file that exists alone. Raises UnusableError.

    The file appears whole, so that two commands that start together end up with the same one.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(64))
        with suppress(FileExistsError):
            os.link(draft, path)
    except OSError as error:
        raise UnusableError(f"secret file {path}: {error.strerror}; choose a folder that can be written") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def ring_path(secret_file: Path) -> Path:
    """Where the ring of further sealing keys lies."""
    return secret_file.with_name(secret_file.name + ".ring")


def add_sealing_key(secret_file: Path) -> None:
    """Add a new sealing key to the ring; from now on it seals. Raises UnusableError."""
    path = ring_path(secret_file)
    _read_ring(path)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
            file.write(urlsafe_b64encode(secrets.token_bytes(32)) + b"\n")
    except OSError as error:
        raise UnusableError(f"sealing keys {path}: {error.strerror}") from error


def _read_ring(path: Path) -> list[bytes]:
    try:
        lines = path.read_bytes().split()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UnusableError(f"sealing keys {path}: {error.strerror}") from error
    try:
        keys = [urlsafe_b64decode(line) for line in lines]
    except (BadBase64, ValueError):
        keys = [b""]
    if any(len(key) != 32 for key in keys):
        raise UnusableError(f"sealing keys {path}: every line must be 32 bytes in base64; restore the file")
    return keys


def _key_id(key: bytes) -> str:
    return _text(blake2b(key, digest_size=6, person=b"key id").digest())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
