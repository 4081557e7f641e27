"""The accounts of NATS and who may do what in them.

CORE holds the services and JetStream, HUBS holds the hubs and no JetStream; HUBS imports from CORE the few requests
that a hub makes. In one account a hub could choose JetStream's own API as the *reply* of a permitted request, which
the server does not check, and so purge a stream.
"""

from messaging.identity import AccountShape, Permissions, ServiceExport, ServiceImport, hub_scope

LAUNCHER = "launcher"
ROUTING, FABRICATION = "routing", "fabrication"
HUB_REQUESTS = (
    ServiceExport("$JS.API.CONSUMER.MSG.NEXT.JOBS.*", streaming=True),
    ServiceExport("$JS.ACK.JOBS.*.>"),
    ServiceExport("hub.*.reports.*"),
    ServiceExport("hub.*.heartbeat"),
    ServiceExport("hub.*.claims"),
)
# Streams are declared in one place and applied by the launcher: a service makes consumers, never or changes a stream.
_STREAM_CHANGES = ("$JS.API.STREAM.CREATE.>", "$JS.API.STREAM.UPDATE.>", "$JS.API.STREAM.DELETE.>")
_STREAM_LOSSES = ("$JS.API.STREAM.PURGE.>", "$JS.API.STREAM.MSG.DELETE.>")


def core_shape() -> AccountShape:
    """CORE: JetStream, and the exports to the hubs."""
    return AccountShape(jetstream=True, exports=HUB_REQUESTS)


def hubs_shape(core_account: str, signing_key: str) -> AccountShape:
    """HUBS: the imports from CORE, and the scoped key (public) that vouches for every hub."""
    imports = [ServiceImport(each.subject, core_account) for each in HUB_REQUESTS]
    return AccountShape(imports=imports, signing_keys=[hub_scope(signing_key)])


def core_permissions(service: str) -> Permissions:
    """What a service may do in CORE; `launcher` may do everything there."""
    if service == LAUNCHER:
        return Permissions(publish=[">"], subscribe=[">"])
    publish = [f"evt.{service}.>", "cmd.>", "req.>", f"dlq.{service}.>", "$JS.API.>", "$JS.ACK.>", "_INBOX.>"]
    subscribe = ["_INBOX.>", f"req.{service}.>"]
    if service == ROUTING:
        # A request that came from another account is answered on a subject of the server's own making, `_R_.…`.
        return Permissions([*publish, "hub.*.jobs.*", "_R_.>"], [*subscribe, "hub.>"], _STREAM_CHANGES)
    if service == FABRICATION:  # artefacts may be kept in an object store; reading one back is flow-controlled
        publish += ["$O.artefacts.>", "$JS.FC.>"]
    return Permissions(publish, subscribe, (*_STREAM_CHANGES, *_STREAM_LOSSES))


def system_permissions() -> Permissions:
    """What the operator's own user may do in the account of the server's events."""
    return Permissions(publish=[">"], subscribe=[">"])
