#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_hold.h"
#include "archive_query.h"
#include "buf.h"
#include "io.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "tap.h"

#define REST "\"Reason\":\"r\",\"Created\":\"2026-11-22T10:00:00Z\",\"By\":\"alice\""

static void
good(void)
{
	struct archive_hold h;
	struct problems ps = {0};
	is_int(archive_hold_parse(&h, "h",
		       STR("{\"Name\":\"case-17\"," REST
			   ",\"Query\":\"from:bob until:2025\",\"Ids\":[\"b\",\"a.1\"]}"),
		       &ps),
		0, "a whole one");
	is_str(h.name, "case-17", "name");
	is_str(h.reason, "r", "reason");
	is_str(h.by, "alice", "by");
	is_str(h.query_text, "from:bob until:2025", "query");
	ok(h.query != NULL, "is read");
	is_int((long long)h.nids, 2, "ids");
	is_str(h.ids[0], "a.1", "are sorted");
	archive_hold_release(&h);
	is_int(archive_hold_parse(
		       &h, "h", STR("{\"Name\":\"all\"," REST ",\"Query\":\"\"}"), &ps),
		0, "everything");
	archive_hold_release(&h);
	is_int((long long)ps.n, 0, "without problems");
}

static void
refused(const char *text, const char *expected)
{
	struct archive_hold h;
	struct problems ps = {0};
	struct buf got = {0};
	is_int(archive_hold_parse(&h, "h", str_of(text), &ps), -1, text);
	for (size_t i = 0; i < ps.n; i++)
		buf_addf(&got, "%s%d:%d: %s: %s", i ? "; " : "", ps.list[i].line,
			ps.list[i].column, ps.list[i].path, ps.list[i].text);
	is_strn(got.p ? got.p : "", got.n, expected, "says so");
	archive_hold_release(&h);
	problems_release(&ps);
	buf_release(&got);
}

static void
bad(void)
{
	refused("", "1:0: : not valid JSON: '[' or '{' expected near end of file");
	refused("[]", "1:1: : expected a hold, found a list");
	refused("{\"Name\":\"aa\"," REST "}", "1:1: : expected Query or Ids");
	refused("{\"Name\":\"aa\"," REST ",\"Query\":\"(\"}",
		"1:81: Query: column 2: expected a word, a field or a parenthesis");
	refused("{\"Name\":\"aa\"," REST ",\"Query\":\"x in:Box\"}",
		"1:81: Query: column 6: a hold is of one archive; expected no in:");
	refused("{\"Name\":\"aa\"," REST ",\"Query\":\"since:7d\"}",
		"1:81: Query: column 7: expected a date such as 2026, 2026-11, 2026-11-22, "
		"2026-11-22T10:00:00Z; one that always means the same");
	refused("{\"Name\":\"../x\"," REST ",\"Query\":\"x\"}",
		"1:9: Name: expected a name of 2 to 64 letters, digits, - and _, found "
		"\"../x\"");
	refused("{\"Name\":\"aa\"," REST ",\"Ids\":[]}",
		"1:79: Ids: expected at least 1 item, found 0");
	refused("{\"Name\":\"aa\"," REST ",\"Ids\":[\"a/b\"]}",
		"1:80: Ids[0]: expected an id, found \"a/b\"");
	refused("{\"Name\":\"aa\"," REST ",\"Ids\":[7]}",
		"1:80: Ids[0]: expected an id, found 7");
	refused("{\"Name\":\"aa\"," REST ",\"Query\":\"x\",\"Until\":\"2027\"}",
		"1:85: Until: unknown member; expected \"Name\", \"Reason\", \"Query\", "
		"\"Ids\", \"Created\" or \"By\"");
	refused("{\"Name\":\"aa\",\"Query\":\"x\"}",
		"1:1: : expected a member \"Reason\": a text; 1:1: : expected a member "
		"\"Created\": a text; 1:1: : expected a member \"By\": a text");
	refused("{\"Name\":\"aa\"," REST ",\"Query\":\"x\"",
		"1:83: : not valid JSON: '}' expected near end of file");
}

static const char tables[] =
	"CREATE TABLE message(n INTEGER PRIMARY KEY, id, received, size, attachments,"
	" mail_from, arc, list_id, ip, ingress, spf, dkim, dmarc, message_id);"
	"CREATE TABLE rcpt(message, path);"
	"CREATE VIRTUAL TABLE words USING fts5(sender, recipient, cc, subject, attachment,"
	" body, content='', columnsize=0, tokenize='ascii');"
	"INSERT INTO message(n, id, received, ip) VALUES (1, 'a', 10, '192.0.2.1'),"
	" (2, 'b', 20, '198.51.100.1'), (3, 'c', 30, '192.0.2.1'), (4, 'd', 40, '');"
	"INSERT INTO words(rowid, body) VALUES (1, 'dog'), (2, 'cat'), (3, 'cat'), (4, 'ant');"
	"PRAGMA user_version = 2";

static void
write_hold(const char *dir, const char *name, const char *rest)
{
	char *path = xasprintf("%s/holds/%s.json", dir, name);
	char *text = xasprintf("{\"Name\":\"%s\"," REST ",%s}", name, rest);
	ok(io_write_file(path, text, strlen(text), 0600) == 0, "written: %s", name);
	free(text);
	free(path);
}

static void
rows(sqlite3 *db, const char *sql, const char *expected, const char *what)
{
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
		sqlite3_step(st) == SQLITE_ROW)
		is_str((const char *)sqlite3_column_text(st, 0), expected, what);
	else
		ok(false, "%s: %s", what, sqlite3_errmsg(db));
	sqlite3_finalize(st);
}

static void
held(void)
{
	char dir[] = "/tmp/mm-hold.XXXXXX", path[64];
	const char *name = NULL;
	sqlite3 *db;
	ok(mkdtemp(dir) != NULL, "a directory");
	struct archive_holds *h = archive_holds_load(dir);
	is_int((long long)archive_holds_count(h), 0, "no folder, no holds");
	archive_holds_free(h);

	int lock = archive_holds_lock(dir, true);
	ok(lock >= 0, "the lock makes the folder");
	close(lock);
	write_hold(dir, "cats", "\"Query\":\"cat ip:192.0.2.0/24\"");
	write_hold(dir, "dogs", "\"Query\":\"dog -cat\",\"Ids\":[\"b\",\"c\",\"z\"]");
	h = archive_holds_load(dir);
	is_int((long long)archive_holds_count(h), 2, "two");
	ok(sqlite3_open(":memory:", &db) == SQLITE_OK &&
			sqlite3_exec(db, tables, NULL, NULL, NULL) == SQLITE_OK,
		"an index");
	is_int(archive_holds_find(h, db, 1, &name), 1, "by words");
	is_str(name, "dogs", "of this one");
	is_int(archive_holds_find(h, db, 2, &name), 1, "by id");
	is_int(archive_holds_find(h, db, 3, &name), 1, "by both");
	is_str(name, "cats", "the first");
	is_int(archive_holds_find(h, db, 4, &name), 0, "by none");
	is_int(archive_holds_find(h, db, 5, &name), 0, "no such message");
	is_int(archive_holds_mark(h, db, 30), 0, "mark");
	rows(db, "SELECT group_concat(n || ':' || hold, ' ') FROM temp.held", "1:1 2:1 3:0 3:1",
		"all of them");
	is_int(archive_holds_mark(h, db, 29), 0, "mark anew");
	rows(db, "SELECT group_concat(n || ':' || hold, ' ') FROM temp.held", "1:1 2:1",
		"up to that time");
	is_int(archive_holds_show(h, db, 35), 0, "show");
	rows(db, "SELECT group_concat(id, ' ') FROM message", "a b c d", "held and later");
	(void)sqlite3_exec(db, "DELETE FROM main.message WHERE n = 3", NULL, NULL, NULL);
	archive_holds_free(h);
	write_hold(dir, "cats", "\"Query\":\"cat -from:(\"");
	ok(!archive_holds_load(dir), "one that is broken");
	write_hold(dir, "cats", "\"Query\":\"cat\"");
	snprintf(path, sizeof(path), "%s/holds/cats.json", dir);
	char *other = xasprintf("%s/holds/cows.json", dir);
	ok(rename(path, other) == 0 && !archive_holds_load(dir), "under another's name");
	unlink(other);
	ok(mkdir(other, 0700) == 0 && !archive_holds_load(dir), "one that cannot be read");
	rmdir(other);
	sqlite3_close(db);
	free(other);
	char *rm = xasprintf("rm -r %s", dir);
	ok(system(rm) == 0, "cleared away");
	free(rm);
}

int
main(void)
{
	log_init("t");
	good();
	bad();
	held();
	return done();
}
