"""The edge: one address for all services, each under its own name, as an ingress is on Kubernetes."""

from collections.abc import Mapping
from pathlib import Path

from launcher.environment import inherited
from launcher.files import private_folder, write_private
from launcher.parts import Part
from launcher.ports import LOOPBACK
from launcher.programs import beside_python

NAME = "edge"
_HEAD = """\
{
	admin off
	persist_config off
	skip_install_trust
	auto_https off
}
(service) {
	@{args[0]} path /{args[0]}/*
	handle @{args[0]} {
		request_body {
			max_size 32MB
		}
		reverse_proxy %s:{args[1]} {
			lb_try_duration 5s
			lb_try_interval 100ms
			transport http {
				dial_timeout 1s
			}
		}
	}
}
"""
_TAIL = """\
	handle /livez {
		respond 200
	}
	handle {
		error 404
	}
	handle_errors {
		header Content-Type application/problem+json
		respond `{"type":"about:blank","title":"{err.status_text}","status":{err.status_code}}` {err.status_code}
	}
}
"""


def edge(folder: Path, service_ports: Mapping[str, int], port: int) -> Part:
    """The edge on `port`, which forwards `/<service>/…` unchanged to the port of that service."""
    configuration = folder / "Caddyfile"

    def prepare() -> None:
        private_folder(folder)
        write_private(configuration, caddyfile(service_ports, port))

    return Part(
        name=NAME,
        argv=[str(beside_python("caddy")), "run", "--config", str(configuration), "--adapter", "caddyfile"],
        environment=inherited(XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder), HOME=str(folder)),
        port=port,
        ready=f"http://{LOOPBACK}:{port}/livez",
        prepare=prepare,
        stop_s=15.0,
    )


def caddyfile(service_ports: Mapping[str, int], port: int) -> str:
    """Caddy's configuration. A service that is being restarted is waited for; what nobody answers is a problem."""
    imports = "".join(f"\timport service {name} {at}\n" for name, at in service_ports.items())
    return f"{_HEAD % LOOPBACK}http://{LOOPBACK}:{port} {{\n\tbind {LOOPBACK}\n{imports}{_TAIL}"
