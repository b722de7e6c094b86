#include <stdlib.h>
#include <uthash.h>

#include "mem.h"
#include "recipients.h"
#include "reply.h"

struct seen {
	UT_hash_handle hh;
	char *address;
};

static bool
is_seen(struct seen **set, struct str address, bool add)
{
	struct seen *s;
	HASH_FIND(hh, *set, address.p, address.n, s);
	if (s || !add)
		return s != NULL;
	s = xcalloc(1, sizeof(*s));
	s->address = str_dup(address);
	HASH_ADD_KEYPTR(hh, *set, s->address, address.n, s);
	return false;
}

static void
release_seen(struct seen *set)
{
	struct seen *s, *tmp;
	HASH_ITER (hh, set, s, tmp) {
		HASH_DEL(set, s);
		free(s->address);
		free(s);
	}
}

/* "<RECIPIENT> STATUS REPLY"; NONE when it is no such thing. */
static enum status
parse_result(struct str value, struct path *path, struct str *reply)
{
	if (path_parse(value, path) < 0)
		return STATUS_NONE;
	*reply = path->params;
	struct str word = str_word(reply);
	*reply = str_trim(*reply);
	for (int s = STATUS_OK; s <= STATUS_PERMFAIL; s++)
		if (str_eq(word, str_of(status_word((enum status)s))))
			return (enum status)s;
	return STATUS_NONE;
}

static bool
is_final(struct str result, struct path *path)
{
	struct str reply;
	enum status s = parse_result(result, path, &reply);
	return s == STATUS_OK || s == STATUS_PERMFAIL;
}

char *
params_only(const struct path *p, const char *const *keywords)
{
	struct buf out = {0};
	for (; *keywords && p->params.n; keywords++) {
		struct str value = path_param(p, *keywords);
		if (value.p && value.n)
			buf_addf(
				&out, "%s%s=%.*s", out.n ? " " : "", *keywords, STR_ARG(value));
	}
	buf_addc(&out, '\0');
	return out.p;
}

static void
add_recipient(struct recipients *rs, size_t *cap, struct str field)
{
	static const char *const passed_on[] = {"NOTIFY", "ORCPT", NULL}; /* RFC 3461 */
	rs->list = xgrow(rs->list, cap, rs->n + 1, sizeof(*rs->list));
	struct recipient *r = &rs->list[rs->n++];
	*r = (struct recipient){.field = field};
	if (path_parse(field, &r->path) < 0 || r->path.address.n == 0) {
		r->text = str_dup(field);
		r->params = xstrdup("");
		r->status = STATUS_PERMFAIL;
		r->reply = xstrdup("553 5.1.3 this is not an address");
		return;
	}
	r->text = xasprintf("<%.*s>", STR_ARG(r->path.address));
	r->params = params_only(&r->path, passed_on);
}

void
recipients_read(struct recipients *rs, const struct record *copy)
{
	struct seen *set = NULL;
	struct str v;
	struct path path;
	size_t cap = 0;
	*rs = (struct recipients){0};
	for (size_t at = 0; record_next(copy, "result", &at, &v);)
		if (is_final(v, &path))
			is_seen(&set, path.address, true);
	for (size_t at = 0; record_next(copy, "rcpt-to", &at, &v);)
		if (path_parse(v, &path) < 0 || !is_seen(&set, path.address, true))
			add_recipient(rs, &cap, v);
	release_seen(set);
}

static void
drop_unfinished(struct record *r)
{
	struct path path;
	for (size_t i = r->nfields; i-- > 0;)
		if (str_eq(record_name_at(r, i), STR("result")) &&
			!is_final(record_value_at(r, i), &path))
			record_remove_at(r, i);
}

static void
set_outcome(struct record *r)
{
	static const int badness[] = {
		[STATUS_OK] = 1, [STATUS_PERMFAIL] = 2, [STATUS_TEMPFAIL] = 3};
	enum status worst = STATUS_NONE;
	struct str v, reply, chosen = STR("");
	struct path path;
	for (size_t at = 0; record_next(r, "result", &at, &v);) {
		enum status s = parse_result(v, &path, &reply);
		if (s == STATUS_NONE || badness[s] <= badness[worst])
			continue;
		worst = s;
		chosen = reply;
	}
	if (worst == STATUS_NONE) {
		record_outcome(r, STATUS_PERMFAIL, "554 5.5.1 the message has no recipients");
		return;
	}
	char *text = str_dup(chosen);
	record_outcome(r, worst, "%s", text);
	free(text);
}

static void
add_relayed(struct record *r, const struct recipient *x, const char *relay, bool final)
{
	record_addf(r, "relayed", "%s relay=%s%s%s%s", x->text, relay, x->via ? " " : "",
		x->via ? x->via : "", final ? " delivered=yes" : "");
}

void
recipients_write(const struct recipients *rs, struct record *r, const char *relay, bool final)
{
	drop_unfinished(r);
	for (size_t i = 0; i < rs->n; i++) {
		const struct recipient *x = &rs->list[i];
		record_addf(r, "result", "%s %s %s", x->text, status_word(x->status), x->reply);
	}
	for (size_t i = 0; i < rs->n; i++)
		if (rs->list[i].status == STATUS_OK)
			add_relayed(r, &rs->list[i], relay, final);
	set_outcome(r);
}

void
recipients_release(struct recipients *rs)
{
	for (size_t i = 0; i < rs->n; i++) {
		free(rs->list[i].text);
		free(rs->list[i].rewritten);
		free(rs->list[i].params);
		free(rs->list[i].reply);
		free(rs->list[i].via);
	}
	free(rs->list);
	*rs = (struct recipients){0};
}
