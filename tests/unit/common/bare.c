#include <stdlib.h>
#include <unistd.h>

#include "bare.h"
#include "io.h"
#include "log.h"
#include "tap.h"

static char path[] = "/tmp/mm-bare.XXXXXX";

/* The record of a file with this content, as "fields\nbody", without id and
 * received. */
static void
reads(const char *text, struct record *given, const char *expected)
{
	struct buf got = {0};
	struct record *r = NULL;
	if (io_write_file(path, text, strlen(text), 0600) == 0)
		r = bare_read(path, given);
	if (!ok(r != NULL, "read"))
		return;
	ok(record_has(r, "id") && record_has(r, "received"), "id and received are there");
	record_remove(r, "id");
	record_remove(r, "received");
	buf_adds(&got, buf_str(&r->head));
	buf_addc(&got, '\n');
	buf_add(&got, r->body->p, r->body->n);
	is_strn(got.p, got.n, expected, expected);
	buf_release(&got);
	record_free(r);
	record_free(given);
}

static struct record *
with(const char *field, const char *value)
{
	struct record *given = record_new();
	if (field)
		ok(bare_option(given, field, str_of(value)), "--%s %s", field, value);
	return given;
}

static void
refuses(const char *field, const char *value)
{
	struct record *given = record_new();
	ok(!bare_option(given, field, str_of(value)) && given->nfields == 0,
		"refused: %s \"%s\"", field, value);
	record_free(given);
}

static void
options(void)
{
	reads("\r\n", with("mail-from", "a@x"), "mail-from: <a@x>\n\n\r\n");
	reads("\r\n", with("mail-from", "<a@x> SIZE=1"), "mail-from: <a@x> SIZE=1\n\n\r\n");
	reads("\r\n", with("mail-from", ""), "mail-from: <>\n\n\r\n");
	reads("\r\n", with("x-y1", "v w"), "x-y1: v w\nmail-from: <>\n\n\r\n");
	reads("\r\n", with("client-ip", "2001:db8::1"),
		"client-ip: 2001:db8::1\nmail-from: <>\n\n\r\n");
	refuses("mail-from", "a");
	refuses("rcpt-to", "");
	refuses("rcpt-to", "a@b>");
	refuses("client-ip", "localhost");
	refuses("id", "../x");
	refuses("X", "a");
	refuses("", "a");
	refuses("1x", "a");
	refuses("a_b", "a");
}

int
main(void)
{
	setenv("MM_LOG", "error", 1);
	log_init("bare");
	int fd = mkstemp(path);
	if (fd < 0 || !freopen("/dev/null", "w", stderr))
		return 1;
	close(fd);
	reads("From: A <a@x>\nTo: b@y, C <c@z>\nCc: d@y\n\nhi\n", with(NULL, NULL),
		"mail-from: <a@x>\nrcpt-to: <b@y>\nrcpt-to: <c@z>\nrcpt-to: <d@y>\n\n"
		"From: A <a@x>\r\nTo: b@y, C <c@z>\r\nCc: d@y\r\n\r\nhi\r\n");
	reads("Return-Path: <r@x>\r\nDelivered-To: d@y\r\nTo: t@y\r\nFrom: f@x\r\n\r\n",
		with(NULL, NULL),
		"mail-from: <r@x>\nrcpt-to: <d@y>\n\n"
		"Return-Path: <r@x>\r\nDelivered-To: d@y\r\nTo: t@y\r\nFrom: f@x\r\n\r\n");
	reads("Return-Path: <>\r\nFrom: f@x\r\n\r\n", with(NULL, NULL),
		"mail-from: <>\n\nReturn-Path: <>\r\nFrom: f@x\r\n\r\n");
	reads("From x Mon\nFrom: f@x\n\nlast", with("rcpt-to", "g@y"),
		"rcpt-to: <g@y>\nmail-from: <f@x>\n\nFrom: f@x\r\n\r\nlast\r\n");
	reads("From: not an address\r\n\r\na\nb", with(NULL, NULL),
		"mail-from: <>\n\nFrom: not an address\r\n\r\na\nb");
	reads("", with(NULL, NULL), "mail-from: <>\n\n");
	options();
	unlink(path);
	struct record *given = record_new();
	ok(!bare_read(path, given), "a file that is not there");
	record_free(given);
	return done();
}
