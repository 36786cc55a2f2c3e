# SPDX-License-Identifier: Apache-2.0
"""Requests that nobody sends who means well, and how they may be answered.

Each row is a name, the bytes, and the statuses that are fine; 0 is a connection that was closed
without an answer, WAITS one that is kept open until the time of a request is over. COOKIE and TOKEN stand for the session of an admin who is logged in and for its
CSRF token: what is refused then is refused for what it is, not for who sends it.
"""

JSON = "Content-Type: application/json"
BAD = {400}
WAITS = -1
CLOSED_OR_BAD = {0, 400}
GONE = {404}


def head(line, *headers, host="Host: troth"):
    lines = [line] + ([host] if host else []) + list(headers) + ["Connection: close"]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"


def get(path, *headers):
    return head(f"GET {path} HTTP/1.1", *headers)


def as_admin(method, path, body=b"{}", *headers, length=None, kind=JSON):
    body = body if isinstance(body, bytes) else body.encode()
    return head(f"{method} {path} HTTP/1.1", "Cookie: __Host-troth=COOKIE", "X-CSRF-Token: TOKEN",
                f"Content-Length: {len(body) if length is None else length}",
                *([kind] if kind else []), *headers) + body


def login(body, *headers, kind=JSON):
    body = body if isinstance(body, bytes) else body.encode()
    return head("POST /v1/session HTTP/1.1", f"Content-Length: {len(body)}",
                *([kind] if kind else []), *headers) + body


def chunked(*parts, path="/v1/session", extra=()):
    return head(f"POST {path} HTTP/1.1", "Transfer-Encoding: chunked", JSON, *extra) + b"".join(parts)


SECOND = b"GET /v1/users HTTP/1.1\r\nHost: troth\r\nCookie: __Host-troth=COOKIE\r\n\r\n"

SMUGGLING = [
    ("both lengths", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: 4",
                          "Transfer-Encoding: chunked") + b"0\r\n\r\n" + SECOND, BAD),
    ("both lengths, chunks first", head("POST /v1/session HTTP/1.1", JSON, "Transfer-Encoding: chunked",
                                        "Content-Length: 4") + b"0\r\n\r\n" + SECOND, BAD),
    ("two lengths", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: 2",
                         "Content-Length: 60") + b"{}" + SECOND, BAD),
    ("two equal lengths", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: 2",
                               "Content-Length: 2") + b"{}" + SECOND, BAD),
    ("a list of lengths", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: 2, 2") + b"{}" + SECOND, BAD),
    ("a signed length", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: +2") + b"{}" + SECOND, BAD),
    ("a negative length", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: -1") + b"{}" + SECOND, BAD),
    ("a length in hex", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: 0x2") + b"{}" + SECOND, BAD),
    ("a length with a fraction", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: 2.0") + b"{}" + SECOND, BAD),
    ("a length of words", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: two") + b"{}" + SECOND, BAD),
    ("no length", head("POST /v1/session HTTP/1.1", JSON, "Content-Length:") + b"{}" + SECOND, BAD),
    ("a length beyond 64 bits", head("POST /v1/session HTTP/1.1", JSON,
                                     "Content-Length: 99999999999999999999") + b"{}", {400, 413}),
    ("a length of 2^63", head("POST /v1/session HTTP/1.1", JSON,
                              "Content-Length: 9223372036854775808") + b"{}", {400, 413}),
    ("a blank before the colon", head("POST /v1/session HTTP/1.1", JSON, "Content-Length : 2") + b"{}" + SECOND, BAD),
    ("a tab before the colon", head("POST /v1/session HTTP/1.1", JSON, "Content-Length\t: 2") + b"{}" + SECOND, BAD),
    ("a blank before the coding", head("POST /v1/session HTTP/1.1", JSON,
                                       "Transfer-Encoding : chunked") + b"0\r\n\r\n" + SECOND, BAD),
    ("an unknown coding", head("POST /v1/session HTTP/1.1", JSON, "Transfer-Encoding: xchunked") + SECOND, BAD),
    ("identity", head("POST /v1/session HTTP/1.1", JSON, "Transfer-Encoding: identity") + SECOND, BAD),
    ("gzip, chunked", head("POST /v1/session HTTP/1.1", JSON,
                           "Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n" + SECOND, BAD),
    ("chunked twice", head("POST /v1/session HTTP/1.1", JSON, "Transfer-Encoding: chunked",
                           "Transfer-Encoding: chunked") + b"0\r\n\r\n" + SECOND, BAD),
    ("chunked, identity", head("POST /v1/session HTTP/1.1", JSON, "Transfer-Encoding: chunked",
                               "Transfer-Encoding: identity") + b"0\r\n\r\n" + SECOND, BAD),
    ("chunks in HTTP/1.0", head("POST /v1/session HTTP/1.0", JSON, "Transfer-Encoding: chunked")
     + b"0\r\n\r\n" + SECOND, BAD),
    ("a vertical tab in the coding", head("POST /v1/session HTTP/1.1", JSON,
                                          "Transfer-Encoding: \x0bchunked") + b"0\r\n\r\n" + SECOND, BAD),
    ("a chunk of a negative size", chunked(b"-1\r\n{}\r\n0\r\n\r\n", SECOND), CLOSED_OR_BAD),
    ("a chunk whose size is no number", chunked(b"zz\r\n{}\r\n0\r\n\r\n", SECOND), CLOSED_OR_BAD),
    ("a chunk of a size beyond 64 bits", chunked(b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n"), {0, 400, 413}),
    ("a chunk that is longer than it says", chunked(b"1\r\n{}\r\n0\r\n\r\n", SECOND), CLOSED_OR_BAD),
    ("a chunk with a name of a megabyte", chunked(b"2;" + b"x" * 1000000 + b"\r\n{}\r\n0\r\n\r\n"),
     {0, 400, 413, 431, WAITS}),
    ("a body on GET", head("GET / HTTP/1.1", f"Content-Length: {len(SECOND)}") + SECOND, {200}),
    ("a request line within a header", head("GET /nothing HTTP/1.1", "X: a\r\n\r\nGET /v1/users HTTP/1.1"),
     GONE),
]

PATHS = [
    ("parents", get("/../../../../etc/passwd"), BAD),
    ("parents behind a folder", get("/assets/../../etc/passwd"), BAD),
    ("encoded dots", get("/%2e%2e/%2e%2e/etc/passwd"), BAD),
    ("dots half encoded", get("/.%2e/etc/passwd"), BAD),
    ("an encoded slash", get("/..%2fetc%2fpasswd"), BAD),
    ("a capital encoded slash", get("/assets%2F..%2F..%2Fetc/passwd"), BAD),
    ("encoded twice", get("/%252e%252e/%252e%252e/etc/passwd"), GONE),
    ("a slash encoded twice", get("/..%252fetc%252fpasswd"), GONE),
    ("a backslash", get("/..\\..\\etc\\passwd"), BAD),
    ("an encoded backslash", get("/..%5c..%5cetc/passwd"), BAD),
    ("an overlong slash", get("/..%c0%afetc/passwd"), BAD),
    ("an overlong dot", get("/%c0%ae%c0%ae/etc/passwd"), BAD),
    ("a wide slash", get("/..%ef%bc%8fetc/passwd"), GONE),
    ("no UTF-8", get("/%ff%fe"), BAD),
    ("a surrogate", get("/%ed%a0%80"), BAD),
    ("a NUL", get("/index.html%00.png"), BAD),
    ("a NUL that hides a path", get("/livez%00/v1/users"), BAD),
    ("a plain NUL", b"GET /index.html\0.png HTTP/1.1\r\nHost: troth\r\nConnection: close\r\n\r\n", {0, 400, 404}),
    ("a line end in the path", get("/%0d%0aSet-Cookie:%20x=1"), BAD),
    ("a delete", get("/%7f"), BAD),
    ("an escape that is none", get("/%zz"), BAD),
    ("an escape cut off", get("/%2"), BAD),
    ("a percent alone", get("/%"), BAD),
    ("a dot", get("/./v1/session"), BAD),
    ("two slashes", get("//v1/session"), GONE),
    ("two slashes within", get("/v1//session"), GONE),
    ("a slash at the end", get("/v1/session/"), GONE),
    ("capitals", get("/V1/SESSION"), GONE),
    ("a parameter of a segment", get("/v1/users;jsessionid=1"), GONE),
    ("a whole address", get("http://evil.example/v1/users"), BAD),
    ("a whole address of ours", get("http://troth/v1/users"), BAD),
    ("an asterisk", head("OPTIONS * HTTP/1.1"), BAD),
    ("a star for a segment", get("/v1/users/*", "Cookie: __Host-troth=COOKIE"), {405}),
    ("no path", b"GET  HTTP/1.1\r\nHost: troth\r\nConnection: close\r\n\r\n", CLOSED_OR_BAD),
    ("raw bytes", b"GET /\xff\xfe HTTP/1.1\r\nHost: troth\r\nConnection: close\r\n\r\n", BAD),
    ("a blank in the path", get("/a b"), BAD),
    ("a fragment", get("/#/today"), GONE),
    ("a long path", get("/" + "a" * 8000), GONE | {414, 431}),
    ("a path beyond all memory", get("/" + "a" * 200000), {0, 414, 431}),
    ("a thousand segments", get("/a" * 1000), GONE),
    ("an empty segment of a prefix", as_admin("PATCH", "/v1/users/"), GONE | {405}),
    ("a segment too many", as_admin("PATCH", "/v1/users/a/b"), GONE),
    ("a long segment", as_admin("PATCH", "/v1/users/" + "a" * 5000), GONE),
    ("a query with a NUL", get("/v1/session?x=%00"), BAD),
    ("a query that is no UTF-8", get("/v1/session?x=%ff"), BAD),
    ("a query with a bad escape", get("/v1/session?x=%q"), BAD),
    ("a script in the query", get("/?q=<script>alert(1)</script>"), {200}),
    ("an encoded script in the query", get("/?q=%3Cscript%3Ealert(1)%3C/script%3E"), {200}),
    ("a script in the path", get("/%3Cscript%3Ealert(1)%3C/script%3E"), GONE),
    ("SQL in the query", get("/v1/users?name='%20OR%201=1--", "Cookie: __Host-troth=COOKIE"), {200}),
    ("a query of a thousand names", get("/?" + "&".join(f"a{i}={i}" for i in range(1000))), {200, 431, WAITS}),
]

HEADERS = [
    ("no host", head("GET / HTTP/1.1", host=None), BAD),
    ("two hosts", head("GET / HTTP/1.1", "Host: evil.example"), BAD),
    ("a host with a path", head("GET / HTTP/1.1", host="Host: troth/evil"), BAD),
    ("a host with a user", head("GET / HTTP/1.1", host="Host: troth@evil.example"), BAD),
    ("a host with a script", head("GET / HTTP/1.1", host="Host: <script>"), BAD),
    ("an empty host", head("GET / HTTP/1.1", host="Host:"), {200, 400}),
    ("another host", head("GET / HTTP/1.1", host="Host: evil.example"), {200}),
    ("a forwarded host", get("/", "X-Forwarded-Host: evil.example"), {200}),
    ("a rewritten path", get("/", "X-Original-URL: /v1/users", "X-Rewrite-URL: /v1/users"), {200}),
    ("a method in a header", get("/v1/session", "X-HTTP-Method-Override: DELETE"), {401}),
    # libmicrohttpd takes the line for the end of the head, so that what follows is the next request:
    # no proxy passes it on.
    ("a header without a name", get("/", ": value"), {200, 400}),
    ("a header without a colon", get("/", "nonsense"), CLOSED_OR_BAD),
    ("a header with a blank in its name", get("/", "X Y: z"), BAD),
    ("a header with a bracket in its name", get("/", "X(Y): z"), BAD),
    ("a header of 100 KB", get("/", "X: " + "a" * 100000), {0, 431}),
    ("ten thousand headers", get("/", *[f"X{i}: {i}" for i in range(10000)]), {0, 431}),
    ("a folded header", get("/v1/session", "X: a\r\n b"), {401, 400}),
    ("a carriage return in a header", get("/v1/session", "X: a\rSet-Cookie: b"), {400, 401}),
    ("a line feed alone", b"GET /v1/session HTTP/1.1\nHost: troth\nConnection: close\n\n", {0, 400, 401}),
    ("another protocol", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", CLOSED_OR_BAD),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {0, 400, 505}),
    ("HTTP/0.9", b"GET /v1/users\r\n\r\n", {0, 400, 401}),
    ("HTTP/9.9", head("GET / HTTP/9.9"), {0, 400, 505}),
    ("no version", head("GET / HTTP"), {0, 400, 505}),
    ("nothing but line ends", b"\r\n" * 2000, CLOSED_OR_BAD | {WAITS}),
    ("a language of junk", get("/v1/session?language=%F0%9F%98%80", "Accept-Language: " + "x" * 5000), {401}),
    ("a list of encodings of junk", get("/", "Accept-Encoding: " + ",;q=" * 500), {200}),
    ("a list of tags of junk", get("/", "If-None-Match: " + 'W/",' * 500), {200}),
    ("a range", get("/", "Range: bytes=0-18446744073709551615"), {200, 206, 416}),
    ("an upgrade", get("/", "Upgrade: websocket", "Sec-WebSocket-Key: x"), {200}),
    ("an expectation of junk", head("POST /v1/session HTTP/1.1", JSON, "Content-Length: 2",
                                    "Expect: 200-maybe") + b"{}", {400, 417}),
]

METHODS = [
    ("TRACE", head("TRACE / HTTP/1.1", "Cookie: __Host-troth=COOKIE"), {405}),
    ("TRACK", head("TRACK / HTTP/1.1"), {405}),
    ("CONNECT", head("CONNECT evil.example:443 HTTP/1.1"), BAD),
    ("DEBUG", head("DEBUG /v1/session HTTP/1.1"), {405}),
    ("PUT on a file", head("PUT / HTTP/1.1", "Content-Length: 1") + b"x", {405}),
    ("DELETE on a file", head("DELETE / HTTP/1.1"), {405}),
    ("get in small letters", head("get / HTTP/1.1"), {405}),
    ("a method of 10 KB", head("A" * 10000 + " / HTTP/1.1"), {0, 400, 405, 431}),
    ("a method with a script", head("<script> / HTTP/1.1"), {400, 405}),
    ("OPTIONS from elsewhere", head("OPTIONS /v1/users HTTP/1.1", "Origin: https://evil.example",
                                    "Access-Control-Request-Method: POST"), {405}),
    ("GET with a body of JSON", head("GET /v1/users HTTP/1.1", "Cookie: __Host-troth=COOKIE",
                                     "Content-Length: 2", JSON) + b"{}", {200}),
    ("HEAD", head("HEAD /v1/users HTTP/1.1", "Cookie: __Host-troth=COOKIE"), {200}),
]

DEEP = b'{"name":' + b"[" * 30000 + b"]" * 30000 + b"}"

BODIES = [
    ("JSON that is deep", as_admin("POST", "/v1/users", DEEP), BAD),
    ("JSON that is deep and open", as_admin("POST", "/v1/users", b"[" * 60000), BAD),
    ("JSON beyond the limit", as_admin("POST", "/v1/users", b'{"name":"' + b"a" * 70000 + b'"}'), {413}),
    ("two megabytes", as_admin("POST", "/v1/users", b"a" * 2000000), {413}),
    ("a gigabyte, as it says", as_admin("POST", "/v1/users", b"", length=1 << 30), {0, 413}),
    ("no JSON", as_admin("POST", "/v1/users", b"name=x&role=admin"), BAD),
    ("an empty body", as_admin("POST", "/v1/users", b""), BAD),
    ("a list", as_admin("POST", "/v1/users", b'["name"]'), BAD),
    ("a number", as_admin("POST", "/v1/users", b"1"), BAD),
    ("null", as_admin("POST", "/v1/users", b"null"), BAD),
    ("two objects", as_admin("POST", "/v1/users", b"{}{}"), BAD),
    ("a name twice", as_admin("POST", "/v1/users", b'{"name":"a1","name":"b1","role":"admin"}'), BAD),
    ("a NUL in a name", as_admin("POST", "/v1/users", b'{"name":"a\\u0000b","role":"admin"}'), BAD),
    ("a plain NUL", as_admin("POST", "/v1/users", b'{"name":"a\0b","role":"admin"}'), BAD),
    ("no UTF-8", as_admin("POST", "/v1/users", b'{"name":"\xff","role":"admin"}'), BAD),
    ("half a surrogate", as_admin("POST", "/v1/users", b'{"name":"\\ud800","role":"admin"}'), BAD),
    ("UTF-16", as_admin("POST", "/v1/users", '{"name":"x"}'.encode("utf-16")), BAD),
    ("a byte order mark", as_admin("POST", "/v1/users", b'\xef\xbb\xbf{"name":"a1"}'), BAD),
    ("a number beyond 64 bits", as_admin("POST", "/v1/users", b'{"name":99999999999999999999}'), BAD),
    ("NaN", as_admin("POST", "/v1/users", b'{"name":NaN}'), BAD),
    ("a role that is an object", as_admin("POST", "/v1/users", b'{"name":"a1","role":{"$ne":1}}'), BAD),
    ("SQL for a name", as_admin("POST", "/v1/users", b'{"name":"a\';DROP TABLE x--","role":"admin"}'), BAD),
    ("a script for a name", as_admin("POST", "/v1/users", b'{"name":"<script>","role":"admin"}'), BAD),
    ("a form", as_admin("POST", "/v1/users", b"name=x", kind="Content-Type: application/x-www-form-urlencoded"), {415}),
    ("plain text", as_admin("POST", "/v1/users", b"{}", kind="Content-Type: text/plain"), {415}),
    ("JSON of another name", as_admin("POST", "/v1/users", b"{}", kind="Content-Type: application/json5"), {415}),
    ("XML", as_admin("POST", "/v1/users", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
                     kind="Content-Type: application/xml"), {415}),
    ("several parts", as_admin("POST", "/v1/users", b"--x--", kind="Content-Type: multipart/form-data; boundary=x"), {415}),
    ("no type", as_admin("POST", "/v1/users", b"{}", kind=None), {415}),
    ("gzip", as_admin("POST", "/v1/users", b"\x1f\x8b", "Content-Encoding: gzip"), {415}),
    ("a prototype", as_admin("PATCH", "/v1/users/nobody", b'{"__proto__":{"role":"admin"}}'), GONE),
    ("the name of a right on PATCH", as_admin("PATCH", "/v1/users/root", b'{"id":1,"role":"admin"}'), BAD),
]

PEOPLE = [
    ("a cookie of junk", get("/v1/session", "Cookie: " + "\xff;=;;==;" * 50), {401}),
    ("a cookie without a value", get("/v1/session", "Cookie: __Host-troth"), {401}),
    ("an empty cookie", get("/v1/session", "Cookie: __Host-troth="), {401}),
    ("a short token", get("/v1/session", "Cookie: __Host-troth=abc"), {401}),
    ("a long token", get("/v1/session", "Cookie: __Host-troth=" + "a" * 5000), {401}),
    ("a token in capitals", get("/v1/session", "Cookie: __Host-troth=" + "A" * 64), {401}),
    ("a token of a stranger", get("/v1/session", "Cookie: __Host-troth=" + "a" * 64), {401}),
    ("SQL for a token", get("/v1/session", "Cookie: __Host-troth=' OR 1=1--"), {401}),
    ("the cookie under another name", get("/v1/session", "Cookie: troth=COOKIE"), {401}),
    ("the cookie in capitals", get("/v1/session", "Cookie: __HOST-TROTH=COOKIE"), {401}),
    ("the cookie in quotes", get("/v1/session", 'Cookie: __Host-troth="COOKIE"'), {401}),
    ("the cookie twice", get("/v1/session", "Cookie: __Host-troth=COOKIE; __Host-troth=" + "b" * 64), {401}),
    ("the token in the query", get("/v1/session?__Host-troth=COOKIE"), {401}),
    ("a thousand cookies", get("/v1/session", "Cookie: " + "; ".join(f"a{i}=b" for i in range(1000))), {401, 431}),
    ("a bearer of nothing", get("/v1/session", "Authorization: Bearer "), {401}),
    ("a bearer of 10 KB", get("/v1/session", "Authorization: Bearer " + "x" * 10000), {401}),
    ("a user and a password", get("/v1/session", "Authorization: Basic YWRtaW46YWRtaW4="), {401}),
    ("a proxy's header", get("/v1/session", "X-Remote-User: root", "X-Forwarded-User: root"), {401}),
    ("the CSRF token in the query", as_admin("POST", "/v1/users?csrf_token=TOKEN", b"{}").replace(
        b"X-CSRF-Token: TOKEN\r\n", b""), {403}),
    ("no CSRF token", as_admin("POST", "/v1/users", b"{}").replace(b"X-CSRF-Token: TOKEN\r\n", b""), {403}),
    ("half a CSRF token", as_admin("POST", "/v1/users").replace(b"TOKEN", b"abcd"), {403}),
    ("two CSRF tokens, the wrong first", as_admin("POST", "/v1/users").replace(
        b"X-CSRF-Token: TOKEN", b"X-CSRF-Token: abcd\r\nX-CSRF-Token: TOKEN"), {403}),
    ("another origin", as_admin("POST", "/v1/users", b"{}", "Origin: https://evil.example"), {403}),
    ("an origin that begins like ours", as_admin("POST", "/v1/users", b"{}", "Origin: https://troth.evil.example"), {403}),
    ("an origin that ends like ours", as_admin("POST", "/v1/users", b"{}", "Origin: https://eviltroth"), {403}),
    ("an origin with another port", as_admin("POST", "/v1/users", b"{}", "Origin: https://troth:444"), {403}),
    ("no origin", as_admin("POST", "/v1/users", b"{}", "Origin: null"), {403}),
    ("an origin of another kind", as_admin("POST", "/v1/users", b"{}", "Origin: file://troth"), {403}),
    ("an empty origin", as_admin("POST", "/v1/users", b"{}", "Origin:"), {403}),
    ("a sister site", as_admin("POST", "/v1/users", b"{}", "Sec-Fetch-Site: same-site"), {403}),
    ("a fetch site of junk", as_admin("POST", "/v1/users", b"{}", "Sec-Fetch-Site: SAME-ORIGIN"), {403}),
    ("a login with a list for a name", login('{"name":["root"],"password":"x"}'), BAD),
    ("a login with a true password", login('{"name":"root","password":true}'), BAD),
    ("a login with an operator", login('{"name":"root","password":{"$gt":""}}'), BAD),
    ("a login with SQL", login('{"name":"root\' OR \'1\'=\'1","password":"x"}'), {401}),
    ("a login as a form", login("name=root&password=x", kind="Content-Type: application/x-www-form-urlencoded"), {415}),
    ("a login with a password of 60 KB", login('{"name":"root","password":"' + "x" * 60000 + '"}'), BAD),
    ("a login with a NUL", login('{"name":"root\\u0000x","password":"x"}'), BAD),
    ("a logout by GET", get("/v1/session?_method=DELETE", "Cookie: __Host-troth=COOKIE"), {200}),
]

# Cut off: the sender says no more, and shows that.
UNFINISHED = [
    ("half a request line", b"GET /v1/ses", CLOSED_OR_BAD | {WAITS}),
    ("half a head", b"GET /v1/session HTTP/1.1\r\nHost: tr", CLOSED_OR_BAD | {WAITS}),
    ("half a body", as_admin("POST", "/v1/users", b'{"na', length=100), CLOSED_OR_BAD | {WAITS}),
    ("half a chunk", chunked(b"64\r\n{"), CLOSED_OR_BAD | {WAITS}),
    ("chunks without an end", chunked(b"2\r\n{}\r\n"), CLOSED_OR_BAD | {WAITS}),
    ("nothing", b"", {0, WAITS}),
]
