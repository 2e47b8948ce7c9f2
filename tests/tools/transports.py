"""Makes calls over one transport, by clients that nobody here wrote: requests, jsonrpcclient and websockets.

    transports.py <url> <rest|named|listed|socket> <calls as JSON>

Prints what each call has come to, as one list: {"data": ...} or {"err": ...}.
"""

import json
import sys

import jsonrpcclient
import requests
from websockets.sync.client import connect


def bearer(call):
    return {"Authorization": call["token"]} if call["token"] else {}


def over_rest(url, call):
    verb, path, body = call["rest"]
    more = {} if body is None else {"json": body}
    answer = requests.request(verb, f"{url}/api{path}", headers=bearer(call), timeout=30, **more)
    if answer.status_code >= 400:
        # An answer to HEAD has no body.
        return {"err": answer.json()["error"] if answer.content else {"status": answer.status_code}}
    if verb == "HEAD":
        return {"data": True}
    return {"data": answer.json() if answer.content else None}


def over_json_rpc(url, call, listed):
    model, method = call["method"].split(".", 1)
    if listed:
        sent = jsonrpcclient.request(call["method"], params=tuple(call["listed"]))
        address = f"{url}/rpc"
    else:
        sent = jsonrpcclient.request(method, params={**call["args"], **call["instance"]})
        address = f"{url}/rpc/{model}/jsonrpc"
    answer = requests.post(address, json=sent, headers=bearer(call), timeout=30)
    assert answer.status_code == 200, answer.text
    match jsonrpcclient.parse(answer.json()):
        case jsonrpcclient.Ok(result, id):
            assert id == sent["id"]
            return {"data": result}
        case jsonrpcclient.Error(code, _, data, id):
            assert id == sent["id"]
            expected = -32603 if data["status"] >= 500 else -32000
            assert code == expected, (code, data)
            return {"err": data}


def over_socket(socket, call):
    message = {
        "event": "invoke",
        "methodString": call["method"],
        "ctorArgs": call["instance"],
        "args": call["args"],
        "id": call["method"],
    }
    if call["token"]:
        message["accessToken"] = call["token"]
    socket.send(json.dumps(message))
    answer = json.loads(socket.recv(timeout=30))
    assert answer["event"] == "result" and answer["id"] == answer["methodString"] == call["method"], answer
    assert isinstance(answer["__types__"], list), answer
    return {"err": answer["err"]} if "err" in answer else {"data": answer["data"]}


def outcome(call, came):
    # JSON-RPC answers the value itself.
    if call["member"] and isinstance(came.get("data"), dict):
        came["data"] = came["data"][call["member"]]
    came.get("err", {}).pop("requestId", None)
    return came


url, transport, calls = sys.argv[1:]
calls = json.loads(calls)
if transport == "socket":
    with connect(f"ws{url.removeprefix('http')}/socket") as socket:
        outcomes = [outcome(call, over_socket(socket, call)) for call in calls]
elif transport == "rest":
    outcomes = [outcome(call, over_rest(url, call)) for call in calls]
else:
    outcomes = [outcome(call, over_json_rpc(url, call, transport == "listed")) for call in calls]
print(json.dumps(outcomes))
