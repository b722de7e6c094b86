#include <stdlib.h>
#include <unistd.h>

#include "addrlist.h"
#include "io.h"
#include "tap.h"

static char path[] = "/tmp/mm-addrlist-XXXXXX";

static void
write_list(const char *text, size_t n)
{
	ok(io_write_file(path, text, n, 0600) == 0, "list written");
}

static void
on_list(struct addrlist *l, const char *address, bool expected)
{
	ok(addrlist_contains(l, str_of(address)) == expected, "%s is%s on it", address,
		expected ? "" : " not");
}

static void
forms(void)
{
	static const char text[] = "# comment\n\n  Alice@Example.org \r\n"
				   "domain.example\n*.sub.example\n*@star.example\n"
				   "info*@prefix.example\nroot@*.hosts.example\n"
				   "\"two words\"@quoted.example\n";
	struct problems ps = {0};
	write_list(text, sizeof(text) - 1);
	struct addrlist *l = addrlist_load(path, &ps);
	ok(l && ps.n == 0, "loaded");
	is_int((long long)addrlist_count(l), 7, "entries");
	on_list(l, "alice@example.ORG", true);
	on_list(l, "alic@example.org", false);
	on_list(l, "example.org", false);
	on_list(l, "anyone@domain.example", true);
	on_list(l, "anyone@x.domain.example", false);
	on_list(l, "a@x.sub.example", true);
	on_list(l, "a@x.y.sub.example", true);
	on_list(l, "a@sub.example", false);
	on_list(l, "a@notsub.example", false);
	on_list(l, "a@star.example", true);
	on_list(l, "a@x.star.example", false);
	on_list(l, "info@prefix.example", true);
	on_list(l, "Information@prefix.example", true);
	on_list(l, "inf@prefix.example", false);
	on_list(l, "info@other.example", false);
	on_list(l, "root@a.b.hosts.example", true);
	on_list(l, "root@hosts.example", false);
	on_list(l, "toor@a.hosts.example", false);
	on_list(l, "\"two words\"@quoted.example", true);
	on_list(l, "", false);
	on_list(l, "postmaster", false);
	on_list(l, "@domain.example", true);
	addrlist_free(l);
}

static void
refused(const char *text, const char *expected)
{
	struct problems ps = {0};
	write_list(text, strlen(text));
	ok(!addrlist_load(path, &ps), "refused");
	ok(ps.n == 1 && ps.list[0].line == 2, "for its second line");
	is_str(ps.n ? ps.list[0].text : NULL, expected, text);
	problems_release(&ps);
}

static void
errors(void)
{
	static const char *const bad[] = {"a b@c", "a*b@example.org", "**@example.org", "*.",
		"a@*", "x", "a@-b", "*.a@b", "nodots", "a@*b.example"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[100];
		snprintf(text, sizeof(text), "good.example\n%s\n", bad[i]);
		refused(text, "expected an address, a domain, *.DOMAIN, PREFIX*@DOMAIN or "
			      "LOCAL@*.DOMAIN");
	}
}

static void
many(void)
{
	struct problems ps = {0};
	struct buf b = {0};
	for (int i = 0; i < ADDRLIST_MAX_ENTRIES; i++)
		buf_addf(&b, "user%d@example%d.org\n", i, i % 100);
	write_list(b.p, b.n);
	struct addrlist *l = addrlist_load(path, &ps);
	is_int(l ? (long long)addrlist_count(l) : -1, ADDRLIST_MAX_ENTRIES, "100,000 entries");
	on_list(l, "user99999@example99.org", true);
	on_list(l, "user99999@example98.org", false);
	addrlist_free(l);
	buf_addstr(&b, "one.more\n");
	write_list(b.p, b.n);
	ok(!addrlist_load(path, &ps) && ps.n == 1, "100,001 are too many");
	problems_release(&ps);
	buf_release(&b);
}

static void
reload(void)
{
	struct problems ps = {0};
	write_list("a@b\n", 4);
	struct addrlist *l = addrlist_load(path, &ps);
	is_int(addrlist_refresh(l, &ps), 0, "unchanged");
	on_list(l, "a@b", true);
	write_list("c@d\n", 4);
	is_int(addrlist_refresh(l, &ps), 0, "changed");
	on_list(l, "a@b", false);
	on_list(l, "c@d", true);
	write_list("*\n", 2);
	is_int(addrlist_refresh(l, &ps), -1, "bad");
	is_int((long long)ps.n, 1, "one problem");
	on_list(l, "c@d", true);
	is_int(addrlist_refresh(l, &ps), 0, "told once");
	unlink(path);
	is_int(addrlist_refresh(l, &ps), -1, "gone");
	is_int(addrlist_refresh(l, &ps), 0, "told once");
	on_list(l, "c@d", true);
	addrlist_free(l);
	problems_release(&ps);
}

int
main(void)
{
	int fd = mkstemp(path);
	forms();
	errors();
	many();
	reload();
	close(fd);
	unlink(path);
	return done();
}
