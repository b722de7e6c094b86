/* TXT records out of a whole DNS message, those that hold nothing too. */
#include "buf.h"
#include "dns_packet.h"
#include "tap.h"

#define QUESTION "\1a\7example\0\0\20\0\1"
#define NAME "\300\14"

static size_t
answer(char rcode, char count, struct str records, struct str *rdata, struct buf *b)
{
	const char head[12] = {0, 1, (char)0x81, rcode, 0, 1, 0, count};
	buf_reset(b);
	buf_add(b, head, sizeof(head));
	buf_adds(b, STR(QUESTION));
	buf_adds(b, records);
	return dns_packet_txt(buf_str(b), rdata, 2);
}

int
main(void)
{
	struct str rdata[2];
	struct buf b = {0};
	struct str two = STR(NAME "\0\20\0\1\0\0\0\5\0\4\1a\1b" NAME "\0\20\0\1\0\0\0\5\0\0");
	struct str many = STR(NAME "\0\20\0\1\0\0\0\5\0\2\1a" NAME
				   "\0\20\0\1\0\0\0\5\0\2\1b" NAME "\0\20\0\1\0\0\0\5\0\2\1c");
	is_int((long long)answer(0, 2, two, rdata, &b), 1,
		"a record without strings is left out");
	is_strn(rdata[0].p, rdata[0].n, "\1a\1b", "the other is there");
	is_int((long long)answer(0, 3, many, rdata, &b), 2, "no more than there is room for");
	is_int((long long)answer(2, 2, two, rdata, &b), 0, "an error has none");
	is_int((long long)answer(0, 3, two, rdata, &b), 0, "a message that is cut short");
	is_int((long long)answer(0, 1, STR(NAME "\0\1\0\1\0\0\0\5\0\4abcd"), rdata, &b), 0,
		"an address is no text");
	is_int((long long)dns_packet_txt(STR_NONE, rdata, 2), 0, "nothing");
	is_int((long long)dns_packet_txt(STR("short"), rdata, 2), 0, "no message");
	buf_release(&b);
	return done();
}
