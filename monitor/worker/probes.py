"""`/metrics`, `/livez` and `/readyz`, answered by a thread of their own, so that a busy worker answers too."""

import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from monitor.metrics import CONTENT_TYPE, Metrics
from streams.errors import UnusableError

_PORTS_TRIED = 100


class Probes:
    """The server; `port` is the one it got: the wanted one or the next free above it."""

    def __init__(
        self,
        host: str,
        wanted: int,
        metrics: Metrics,
        faults_of_life: Callable[[], Sequence[str]],
        obstacles: Callable[[], Sequence[str]],
    ) -> None:
        """Bind. Raises UnusableError where no port can be had."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path == "/metrics":
                    self._answer(200, CONTENT_TYPE, metrics.text())
                elif path in ("/livez", "/readyz"):
                    faults = faults_of_life() if path == "/livez" else obstacles()
                    said = "\n".join(faults) if faults else "ok"
                    self._answer(503 if faults else 200, "text/plain; charset=utf-8", f"{said}\n".encode())
                else:
                    self._answer(404, "text/plain; charset=utf-8", b"/metrics, /livez, /readyz\n")

            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Scrapes are no news."""

        self._server = _bind(host, wanted, Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="probes", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def _bind(host: str, wanted: int, handler: type[BaseHTTPRequestHandler]) -> _Server:
    for port in range(wanted, min(wanted + _PORTS_TRIED, 65536)):
        try:
            return _Server((host, port), handler)
        except PermissionError as error:
            raise UnusableError(f"MONITOR_METRICS_PORT={port}: not allowed; take one above 1023") from error
        except OSError as error:
            if error.strerror != "Address already in use":
                raise UnusableError(
                    f"MONITOR_HOST={host}: {error.strerror}; give an address of this machine"
                ) from error
    raise UnusableError(f"MONITOR_METRICS_PORT={wanted}: this port and the {_PORTS_TRIED} above it are taken")
