#include "../../../cmd/mm-archive/head_line.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "log.h"
#include "mem.h"
#include "tap.h"

#define TIME "2026-11-27T02:26:57.732Z"
#define HASH "9e7fac587f514c9d948bd347f82fa5bce8000b772dff5493d4c6e61298cd5c86"
#define KEY "2eb1550ce94665a03f3b3e4d5829834c"
#define SIGNATURE \
	"r6TVW9O0S5qzsJqFBywavEAg9Kdy28yOc9j7AY1r+1yr2MX3PF0h943uAfE/82E7v/MPhB7vaeMXeY2hAi" \
	"OqCw=="
#define LINE "mm-archive Box " TIME " 4 " HASH " " KEY " " SIGNATURE

static void
test_good(void)
{
	struct head_line l;
	char archive[] = "Box", key[] = KEY, signature[] = SIGNATURE;
	struct chain_head h = {.line = 5,
		.archive = archive,
		.key = key,
		.signature = signature,
		.previous = {HASH}};
	struct buf out = {0}, text = {0};
	const char *why;
	ok(head_line_parse(&l, STR(LINE), &why) == 0, "a line is read");
	ok(str_eq(l.archive, STR("Box")) && l.n == 4 && str_eq(l.key, STR(KEY)), "as it is");
	h.time = l.ms;
	head_line_write(&out, &h);
	ok(str_eq(buf_str(&out), STR(LINE)), "and written as it was");
	head_signed_text(&text, "Box", l.ms, l.n, &l.hash);
	ok(str_eq(buf_str(&text), STR("mm-archive Box " TIME " 4 " HASH)), "what is signed");
	ok(head_line_parse(&l,
		   STR("\n mm-archive  Box\t" TIME "\r\n4 " HASH "\n" KEY "\n" SIGNATURE "\n"),
		   &why) == 0,
		"a line that paper has broken is read");
	buf_release(&out);
	buf_release(&text);
}

static void
test_bad(void)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{"", "expected mm-archive ARCHIVE TIME N HASH KEY SIGNATURE"},
		{"mm-archive Box", "expected mm-archive ARCHIVE TIME N HASH KEY SIGNATURE"},
		{LINE " x", "expected mm-archive ARCHIVE TIME N HASH KEY SIGNATURE"},
		{"mm-search Box " TIME " 4 " HASH " " KEY " " SIGNATURE,
			"expected mm-archive ARCHIVE TIME N HASH KEY SIGNATURE"},
		{"mm-archive ../x " TIME " 4 " HASH " " KEY " " SIGNATURE,
			"expected ARCHIVE, the name of one"},
		{"mm-archive Box 2026-11-27 4 " HASH " " KEY " " SIGNATURE,
			"expected a TIME such as 2026-11-22T10:00:00.000Z"},
		{"mm-archive Box 2026-11-27T02:26:57.732+00:00 4 " HASH " " KEY " " SIGNATURE,
			"expected a TIME such as 2026-11-22T10:00:00.000Z"},
		{"mm-archive Box " TIME " 0 " HASH " " KEY " " SIGNATURE,
			"expected N, a number of a line"},
		{"mm-archive Box " TIME " -4 " HASH " " KEY " " SIGNATURE,
			"expected N, a number of a line"},
		{"mm-archive Box " TIME " 99999999999999999999 " HASH " " KEY " " SIGNATURE,
			"expected N, a number of a line"},
		{"mm-archive Box " TIME " 4 x" HASH " " KEY " " SIGNATURE,
			"expected HASH, 64 hexadecimal digits"},
		{"mm-archive Box " TIME " 4 " HASH " " KEY "0 " SIGNATURE,
			"expected KEY, 32 hexadecimal digits"},
		{"mm-archive Box " TIME " 4 " HASH " " HASH " " SIGNATURE,
			"expected KEY, 32 hexadecimal digits"},
		{"mm-archive Box " TIME " 4 " HASH " " KEY " AAAA",
			"expected SIGNATURE, 64 octets in base64"},
		{"mm-archive Box " TIME " 4 " HASH " " KEY " " SIGNATURE "=",
			"expected SIGNATURE, 64 octets in base64"},
	};
	struct head_line l;
	struct buf text = {0};
	const char *why;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(head_line_parse(&l, str_of(bad[i].line), &why) < 0, "bad line %zu", i);
		is_str(why, bad[i].why, "says what was expected");
	}
	ok(head_line_parse(&l, STR_NONE, &why) < 0, "nothing");
	ok(head_line_parse(&l, str_n(LINE "\0", sizeof(LINE)), &why) < 0, "a zero in it");
	for (int i = 0; i < 1000; i++)
		buf_addc(&text, ' ');
	buf_adds(&text, STR(LINE));
	ok(head_line_parse(&l, buf_str(&text), &why) < 0, "more than 1000 octets");
	size_t taken = 0;
	for (size_t n = 0; n < sizeof(LINE) - 1; n++)
		taken += head_line_parse(&l, str_n(LINE, n), &why) == 0;
	is_int((long long)taken, 0, "no line that was cut is taken");
	buf_release(&text);
}

/* RFC 8410, section 10.3. */
static const char private_key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
	"-----END PRIVATE KEY-----\n";
static const char public_key[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
	"-----END PUBLIC KEY-----\n";

static void
put(const char *path, const char *text, unsigned mode)
{
	if (io_replace_file(path, text, strlen(text), mode) < 0)
		abort();
}

static void
test_keys(void)
{
	char path[] = "/tmp/mm-seal-key.XXXXXX";
	struct seal_key private, public;
	struct buf signature = {0};
	int fd = mkstemp(path);
	if (fd < 0)
		abort();
	close(fd);
	put(path, private_key, 0600);
	ok(seal_key_read_private(&private, path) == 0, "a private key");
	ok(seal_key_read_public(&public, path) < 0, "is no public one");
	seal_key_release(&public);
	put(path, public_key, 0644);
	ok(seal_key_read_public(&public, path) == 0, "its public key");
	is_str(public.id, private.id, "has the same id");
	ok(seal_key_sign(&private, STR("text"), &signature) == 0, "it signs");
	ok(seal_key_verify(&public, STR("text"), buf_str(&signature)), "that is a signature");
	ok(!seal_key_verify(&public, STR("texts"), buf_str(&signature)), "of that text alone");
	signature.p[5] = signature.p[5] == 'A' ? 'B' : 'A';
	ok(!seal_key_verify(&public, STR("text"), buf_str(&signature)), "and as it is");
	ok(!seal_key_verify(&public, STR("text"), STR("AAAA")), "a short one is none");
	seal_key_release(&private);
	put(path, private_key, 0640);
	ok(seal_key_read_private(&private, path) < 0, "a key that others can read");
	put(path, "", 0600);
	ok(seal_key_read_private(&private, path) < 0, "an empty file");
	unlink(path);
	ok(seal_key_read_private(&private, path) < 0, "no file");
	seal_key_release(&public);
	buf_release(&signature);
}

int
main(void)
{
	setenv("MM_LOG", "error", 1);
	log_init("head_line");
	test_good();
	test_bad();
	test_keys();
	return done();
}
