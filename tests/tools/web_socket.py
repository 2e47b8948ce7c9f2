"""What a client of a WebSocket meets, by the package websockets. Each function is a case, which a test names.

    web_socket.py <case> <url> [<more> ...]
"""

import contextlib
import json
import socket as sockets
import struct
import sys
import time
import urllib.request

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

PATIENCE = 20


def opened(url, **more):
    return connect(f"ws{url.removeprefix('http')}/socket", **more)


def say(socket, message):
    socket.send(json.dumps(message))


def hear(socket):
    return json.loads(socket.recv(timeout=PATIENCE))


def invoke(method, id=None, args=None, **more):
    return {"event": "invoke", "methodString": method, "id": id, "args": args or {}, **more}


def ask(socket, *args, **more):
    say(socket, invoke(*args, **more))
    return hear(socket)


def closed_by(socket):
    """The code that the other side closes with."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=PATIENCE)
    return socket.protocol.close_rcvd and socket.protocol.close_rcvd.code


def works(url):
    with opened(url) as socket:
        answer = ask(socket, "Todo.count")
        assert answer["data"]["count"] >= 0, answer


def messages(url):
    with opened(url) as socket:
        answer = ask(socket, "Todo.create", 1, {"data": {"title": "a"}})
        assert answer == {
            "event": "result",
            "data": {"id": 1, "title": "a", "version": 1},
            "headers": {"etag": '"1"'},
            "id": 1,
            "methodString": "Todo.create",
            "__types__": [{"arg": "data", "type": "Todo", "root": True}],
        }, answer
        answer = ask(socket, "Todo.nothing", "x")
        assert answer["err"]["message"] == "method does not exist", answer
        assert answer["err"]["status"] == 404 and answer["id"] == "x" and "data" not in answer
        assert ask(socket, "Todo.prototype.find")["err"]["code"] == "METHOD_NOT_FOUND"
        # The same id as often as the client likes: it is the client's own.
        for id in [7, 7, "7", None, [1], {"a": 1}, 1.5]:
            answer = ask(socket, "Todo.count", id)
            assert answer["id"] == id and answer["data"] == {"count": 1}, answer
            assert answer["__types__"] == [{"arg": "count", "type": "number"}]
        # Versions, and what REST says in headers.
        change = {"ctorArgs": {"id": 1}, "args": {"data": {"title": "b"}}}
        method = "Todo.prototype.updateAttributes"
        assert ask(socket, method, **change, ifMatch='"1"')["data"]["version"] == 2
        assert ask(socket, method, **change, ifMatch='"1"')["err"]["status"] == 412
        assert ask(socket, method, **change, ifMatch="a\nb")["err"]["status"] == 400
        assert ask(socket, "Todo.find", args={"count": True})["headers"] == {"x-total-count": "1"}
        # What is no message is told, and nothing else happens.
        for text, id in [
            ("", None),
            ("{", None),
            ("[]", None),
            ("null", None),
            ('{"event":"invoke","id":5}', 5),
            ('{"event":"dance","id":6}', 6),
            ('{"id":7}', 7),
            ('{"event":"invoke","methodString":5,"id":8}', 8),
            ('{"event":"invoke","methodString":"Todo.count","args":[1],"id":9}', 9),
            ('{"event":"unsubscribe","id":10}', 10),
            ("[" * 10_000, None),
        ]:
            socket.send(text)
            answer = hear(socket)
            assert answer["event"] == "result" and answer["id"] == id, (text, answer)
            assert answer["err"]["status"] in (400, 404), (text, answer)
        answer = ask(socket, "Todo.panic", 1)
        assert answer["err"]["status"] == 500 and "secret" not in json.dumps(answer), answer
        assert ask(socket, "Todo.page")["err"]["status"] == 406
        assert ask(socket, "Todo.count")["data"] == {"count": 1}


def callers(url, token, cookie):
    own = ("Member.findById", 1, {"id": 1})
    ann = "ann@office.example"
    with opened(url) as socket:
        assert ask(socket, *own)["err"]["code"] == "AUTHORIZATION_REQUIRED"
        assert ask(socket, *own, accessToken="nonsense")["err"]["status"] == 401
        assert ask(socket, *own, accessToken=token)["data"]["email"] == ann
        # It was of that one message.
        assert ask(socket, *own)["err"]["status"] == 401
    host = url.removeprefix("http://")
    for headers, origin in [
        ({"Authorization": token}, None),
        ({"X-Access-Token": token}, "https://shop.example"),
        ({"Cookie": cookie}, None),
        ({"Cookie": cookie}, f"http://{host}"),
    ]:
        with opened(url, additional_headers=headers, origin=origin) as socket:
            answer = ask(socket, *own)
            assert answer.get("data", {}).get("email") == ann, (headers, answer)
    # A page that may call without cookies, and pages that may not.
    with opened(url, additional_headers={"Cookie": cookie}, origin="https://shop.example") as socket:
        assert ask(socket, *own)["err"]["status"] == 401
    for origin in ["https://evil.example", "null", f"http://{host}.evil.example", "http://127.0.0.1:1"]:
        try:
            opened(url, additional_headers={"Cookie": cookie}, origin=origin)
            raise AssertionError(f"{origin} may call")
        except InvalidStatus as refused:
            assert refused.response.status_code == 403, origin
    # A session that ends, ends for open sockets.
    address = f"ws{url.removeprefix('http')}/socket?access_token={token}"
    with connect(address) as socket:
        assert ask(socket, *own)["data"]["email"] == ann
        assert ask(socket, "Member.logout")["data"] is None
        assert ask(socket, *own)["err"]["status"] == 401


def changes(url):
    with opened(url) as socket, opened(url) as other:
        listen = invoke("Todo.createChangeStream", 1, {"options": {"where": {"title": "a"}}})
        say(socket, listen)
        answer = hear(socket)
        assert answer["event"] == "result" and answer["data"] is None, answer
        assert answer["__types__"][0]["type"] == "ReadableStream", answer
        assert ask(socket, "Todo.createChangeStream", 1)["err"]["code"] == "ID_IN_USE"
        assert ask(socket, "Todo.createChangeStream")["err"]["code"] == "ID_REQUIRED"
        ask(other, "Todo.create", args={"data": {"title": "b"}})
        ask(other, "Todo.create", args={"data": {"title": "a"}})
        heard = hear(socket)
        assert (heard["event"], heard["id"], heard["data"]["type"]) == ("data", 1, "create"), heard
        assert heard["data"]["data"]["title"] == "a" and heard["eventId"], heard
        # Calls go on beside it.
        assert ask(socket, "Todo.count", 2)["data"]["count"] >= 2
        say(socket, {"event": "unsubscribe", "id": 1})
        assert hear(socket) == {"event": "end", "id": 1}
        ask(other, "Todo.create", args={"data": {"title": "a"}})
        # Since when it had heard last; nothing is told twice.
        say(socket, invoke("Todo.createChangeStream", "again", lastEventId=heard["eventId"]))
        assert hear(socket)["id"] == "again"
        missed = hear(socket)
        assert missed["id"] == "again" and missed["data"]["data"]["title"] == "a", missed
        assert missed["data"]["target"] != heard["data"]["target"]
        # So many and no more.
        codes = [ask(socket, "Todo.createChangeStream", f"n{n}").get("err", {}).get("code") for n in range(6)]
        assert codes == [None] * 3 + ["TOO_MANY_SUBSCRIPTIONS"] * 3, codes
        # A refusal takes no place.
        say(socket, {"event": "unsubscribe", "id": "again"})
        assert hear(socket)["event"] == "end"
        bad = ask(socket, "Todo.createChangeStream", "bad", {"options": {"where": {"nope": 1}}})
        assert bad["err"]["status"] == 400, bad
        assert "err" not in ask(socket, "Todo.createChangeStream", "bad")


def side_by_side(url):
    with opened(url) as socket:
        # A call that waits does not hold up another one.
        say(socket, invoke("Todo.wait", "slow"))
        assert ask(socket, "Todo.count", "quick")["id"] == "quick"
        # Not more at once than the application says: the last is heard when one has ended.
        for n in range(3):
            say(socket, invoke("Todo.wait", n))
        say(socket, invoke("Todo.count", "late"))
        try:
            early = socket.recv(timeout=1)
            raise AssertionError(f"more are under way than there may be: {early}")
        except TimeoutError:
            pass
        urllib.request.urlopen(f"{url}/api/Todos/go").close()
        assert sorted(str(hear(socket)["id"]) for _ in range(5)) == ["0", "1", "2", "late", "slow"]


def hostile(url):
    # Binary messages, and such as are too large, whole or in parts.
    with opened(url) as socket:
        socket.send(b"\x00\x01")
        assert closed_by(socket) == 1003
    with opened(url) as socket:
        socket.send("x" * 200_000)
        assert closed_by(socket) == 1009
    with opened(url) as socket:
        with contextlib.suppress(ConnectionClosed):
            socket.send("x" * 1000 for _ in range(100_000))
        assert closed_by(socket) == 1009
    # Bytes that are no WebSocket's, no text, or from nobody who follows the rules.
    for frame in [
        b"\xff" * 64,
        b"\x81\x05hello",  # without a mask
        b"\x81\x82\x00\x00\x00\x00\xff\xfe",  # no UTF-8
        b"\x80\x80\x00\x00\x00\x00",  # goes on with nothing
        b"\x89\xfe\x00\xff\x00\x00\x00\x00" + b"x" * 255,  # a ping that is too long
        b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",  # as long as can be said
    ]:
        with raw(url) as connection:
            connection.sendall(frame)
            with contextlib.suppress(ConnectionError):
                while connection.recv(4096):
                    pass
        works(url)
    # A flood of empty parts, and of pings.
    for flood in [b"\x00\x80\x00\x00\x00\x00", b"\x89\x80\x00\x00\x00\x00"]:
        with raw(url) as connection:
            connection.sendall(b"\x01\x80\x00\x00\x00\x00")
            with contextlib.suppress(ConnectionError, TimeoutError):
                for _ in range(200):
                    connection.sendall(flood * 1000)
        works(url)
    # Messages that can't be understood: none of them is forgotten, and the last is answered.
    with opened(url) as socket:
        for _ in range(500):
            socket.send("nonsense")
        for _ in range(500):
            assert hear(socket)["err"]["name"] == "SyntaxError"
    # Who leaves in the middle of a call, with a word and without.
    for _ in range(20):
        socket = opened(url)
        say(socket, invoke("Todo.hang", 1))
        socket.close()
        connection = raw(url)
        connection.sendall(masked(json.dumps(invoke("Todo.hang", 1)).encode()))
        connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    works(url)


def slow(url):
    """Who does not read is not worked for beyond what the network holds."""
    calls = 200
    size = len(json.dumps({"data": "x" * 500_000}))
    with raw(url) as connection:
        for _ in range(calls):
            connection.sendall(masked(json.dumps(invoke("Todo.big")).encode()))
        made = [0]
        while len(made) < 10 or len(set(made[-10:])) > 1:
            made.append(int(urllib.request.urlopen(f"{url}/api/Todos/made").read()))
            time.sleep(0.05)
        assert 4 <= made[-1] <= 100, made
        # Once it reads, it gets everything.
        left = calls * size
        while left > 0:
            chunk = connection.recv(1 << 20)
            assert chunk, left
            left -= len(chunk)
    assert int(urllib.request.urlopen(f"{url}/api/Todos/made").read()) == calls


def masked(payload):
    assert 125 >= len(payload)
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload


def raw(url):
    """A connection whose handshake is done, and that says what it likes."""
    host, port = url.removeprefix("http://").split(":")
    connection = sockets.create_connection((host, int(port)), timeout=PATIENCE)
    connection.sendall(
        f"GET /socket HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(1)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return connection


def silent(url):
    """Who answers no ping is gone."""
    with raw(url) as connection:
        begun = time.monotonic()
        heard = b""
        while chunk := connection.recv(4096):
            heard += chunk
        assert b"\x89\x00" in heard, heard
        # 1008, after the pings.
        assert struct.pack("!H", 1008) in heard, heard
        assert time.monotonic() - begun < PATIENCE
    # And who does, is not, though it says nothing itself.
    with opened(url, ping_interval=None) as socket:
        try:
            socket.recv(timeout=2)
        except TimeoutError:
            pass
        assert ask(socket, "Todo.count")["data"]["count"] >= 0


def crowded(url):
    """One more than there may be waits until another one has left."""
    with opened(url) as first, opened(url):
        try:
            opened(url).close()
            raise AssertionError("there are three")
        except InvalidStatus as refusal:
            answer = refusal.response
            assert answer.status_code == 503, answer
            assert answer.headers["retry-after"] == "1", answer
            error = json.loads(answer.body)["error"]
            assert error["code"] == "TOO_MANY_CONNECTIONS" and error["statusCode"] == 503, error
        # Those that are open don't mind.
        assert ask(first, "Todo.count")["data"]["count"] >= 0
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return works(url)
        except InvalidStatus:
            assert time.monotonic() < end, "nobody has left"


def converse(url, headers, messages):
    """Says each message when the one before has been answered, and prints the answers."""
    with opened(url, additional_headers=json.loads(headers)) as socket:
        answers = []
        for message in json.loads(messages):
            say(socket, message)
            answers.append(hear(socket))
    print(json.dumps(answers))


def shutdown(url):
    """Says when it listens, then waits for the end."""
    with opened(url) as socket:
        ask(socket, "Project.count")
        print("open", flush=True)
        assert closed_by(socket) == 1001


if __name__ == "__main__":
    case, *rest = sys.argv[1:]
    globals()[case](*rest)
