/* A message's metadata: what it tells becomes fields, what is wrong is told with its place. */
#include <stdlib.h>

#include "metadata.h"
#include "tap.h"

#define LATEST INT64_C(1800000000000)

static char *
read_text(const char *json, int64_t *received)
{
	struct problems ps = {0};
	struct record *r = record_new();
	struct buf out = {0};
	int rc = metadata_read(r, received, LATEST, "m", str_of(json), &ps);
	for (size_t i = 0; rc == 0 && i < r->nfields; i++)
		buf_addf(&out, "%.*s|", STR_ARG(record_line_at(r, i)));
	for (size_t i = 0; i < ps.n; i++)
		buf_addf(&out, "%d:%d %s: %s|", ps.list[i].line, ps.list[i].column,
			ps.list[i].path, ps.list[i].text);
	if (rc < 0 && ps.errors == 0)
		buf_addstr(&out, "no problem told");
	buf_addc(&out, '\0');
	problems_release(&ps);
	record_free(r);
	return out.p;
}

static void
gives(const char *what, const char *json, int64_t want_received, const char *want)
{
	int64_t received = 7;
	char *got = read_text(json, &received);
	is_str(got, want, what);
	is_int(received, want_received, what);
	free(got);
}

static void
good(void)
{
	gives("nothing", "{}", 7, "");
	gives("a row",
		"{\"ArchivedMessageId\":\"a.1\",\"ReceivedTimestamp\":\"2026-11-22T10:00:00Z\","
		"\"IngressPointId\":\"in\",\"SenderHostname\":\"h\",\"SenderIpAddress\":"
		"\"192.0.2.7\",\"Envelope\":{\"Helo\":\"he\",\"From\":\"a@b\",\"To\":[\"c@d\","
		"\"e@f\"]},\"Subject\":\"s\",\"HasAttachments\":false}",
		INT64_C(1795341600000),
		"id: a.1|ingress: in|client-name: h|client-ip: 192.0.2.7|helo: he|"
		"mail-from: <a@b>|rcpt-to: <c@d>|rcpt-to: <e@f>|");
	gives("of GetArchiveMessage",
		"{\"Metadata\":{\"Timestamp\":1795341600.5,\"TlsProtocol\":\"TLSv1.3\","
		"\"TlsCipherSuite\":\"X\"},\"Envelope\":{\"To\":null}}",
		INT64_C(1795341600500), "tls: TLSv1.3|tls-cipher: X|mail-from: <>|");
	gives("an id that is none of ours", "{\"ArchivedMessageId\":\"a/b\"}", 7, "");
	gives("null", "{\"ReceivedTimestamp\":null,\"Envelope\":null,\"IngressPointId\":null}",
		7, "");
	gives("no control characters", "{\"IngressPointId\":\"a\\r\\nid: x\"}", 7,
		"ingress: a??id: x|");
}

static void
bad(void)
{
	gives("no JSON", "{", 7,
		"1:1 : not valid JSON: string or '}' expected near end of file|");
	gives("no object", "[]", 7, "1:1 : expected an object|");
	gives("not a string", "{\"IngressPointId\":1}", 7,
		"1:19 IngressPointId: expected a string|");
	gives("no address", "{\"Envelope\":{\"From\":\"a b@\",\"To\":[\"\",3]}}", 7,
		"1:21 Envelope.From: expected an address|1:34 Envelope.To[0]: expected an "
		"address|1:37 Envelope.To[1]: expected an address|");
	gives("no list", "{\"Envelope\":{\"To\":\"a@b\"}}", 7,
		"1:19 Envelope.To: expected a list of addresses|");
	gives("no envelope", "{\"Envelope\":[]}", 7, "1:13 Envelope: expected an object|");
	gives("no IP address", "{\"SenderIpAddress\":\"1.2.3\"}", 7,
		"1:20 SenderIpAddress: expected an IP address|");
	gives("the future", "{\"ReceivedTimestamp\":1e300}", 7,
		"1:22 ReceivedTimestamp: expected a time such as 2026-11-22T10:00:00Z, not in "
		"the future|");
	gives("no time", "{\"ReceivedTimestamp\":\"yesterday\"}", 7,
		"1:22 ReceivedTimestamp: expected a time such as 2026-11-22T10:00:00Z, not in "
		"the future|");
	gives("of the wrong type", "{\"ReceivedTimestamp\":[]}", 7,
		"1:22 ReceivedTimestamp: expected a time such as 2026-11-22T10:00:00Z, not in "
		"the future|");
}

int
main(void)
{
	good();
	bad();
	return done();
}
