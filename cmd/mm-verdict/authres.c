#include <stdlib.h>

#include "address.h"
#include "authres.h"

#define FOLD_AT 78

struct writer {
	struct buf *out;
	size_t column;
};

static void
put(struct writer *w, const char *before, struct str word)
{
	size_t n = strlen(before) + word.n;
	if (w->column + n + 1 > FOLD_AT && w->column > 1) {
		buf_addstr(w->out, "\r\n\t");
		w->column = 8;
	} else {
		buf_addc(w->out, ' ');
		w->column++;
	}
	buf_addstr(w->out, before);
	buf_adds(w->out, word);
	w->column += n;
}

static void
method(struct writer *w, const char *name, enum auth_result result)
{
	buf_addstr(w->out, ";\r\n\t");
	w->column = 8;
	buf_addf(w->out, "%s=%s", name, auth_word(result));
	w->column += strlen(name) + 1 + strlen(auth_word(result));
}

static bool
plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("()<>,;:\\\"/[]?=", s.p[i]))
			return false;
	return s.n > 0;
}

static void
add_quoted(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '"' || c == '\\')
			buf_addc(b, '\\');
		buf_addc(b, (c < ' ' && c >= 0) || c == 0x7f ? '?' : c);
	}
	buf_addc(b, '"');
}

static void
property(struct writer *w, const char *name, const char *value)
{
	struct buf text = {0};
	if (!value || !*value)
		return;
	if (plain(str_of(value)))
		buf_addstr(&text, value);
	else
		add_quoted(&text, str_of(value));
	put(w, name, buf_str(&text));
	buf_release(&text);
}

static void
write_spf(struct writer *w, const struct verdict *v, const struct record *rec)
{
	struct path from;
	struct str path = record_get(rec, "mail-from");
	method(w, "spf", v->spf);
	if (v->spf_local || (v->spf != AUTH_PASS && v->spf != AUTH_NONE))
		property(w, "reason=", v->spf_reason);
	if (v->spf_helo)
		property(w, "smtp.helo=", v->spf_domain);
	else if (path.p && path_parse(path, &from) == 0 && plain(from.address))
		put(w, "smtp.mailfrom=", from.address);
	else
		property(w, "smtp.mailfrom=", v->spf_domain);
}

static void
write_helo(struct writer *w, const struct verdict *v)
{
	method(w, "spf", v->helo);
	if (v->helo != AUTH_PASS && v->helo != AUTH_NONE)
		property(w, "reason=", v->helo_reason);
	property(w, "smtp.helo=", v->helo_domain);
}

static void
write_dkim(struct writer *w, const struct verdict *v)
{
	if (v->ndkim == 0)
		method(w, "dkim", AUTH_NONE);
	for (size_t i = 0; i < v->ndkim; i++) {
		const struct verdict_dkim *d = &v->dkim[i];
		method(w, "dkim", d->result);
		property(w, "reason=", d->reason);
		property(w, "header.d=", d->domain);
		property(w, "header.s=", d->selector);
		property(w, "header.b=", d->mark);
	}
}

static void
write_arc(struct writer *w, const struct verdict *v)
{
	struct buf note = {0};
	method(w, "arc", v->arc);
	if (v->arc_instance) {
		buf_addf(&note, "(i=%u)", v->arc_instance);
		put(w, "", buf_str(&note));
	}
	property(w, "reason=", v->arc_reason);
	property(w, "header.d=", v->arc_domain);
	buf_release(&note);
}

static void
write_dmarc(struct writer *w, const struct verdict *v)
{
	struct buf note = {0};
	method(w, "dmarc", v->dmarc);
	if (v->dmarc_policy) {
		buf_addf(&note, "(p=%s", dmarc_policy_word(v->dmarc_policy));
		if (v->dmarc == AUTH_FAIL && v->dmarc_disposition)
			buf_addf(&note, " dis=%s", dmarc_policy_word(v->dmarc_disposition));
		buf_addc(&note, ')');
		put(w, "", buf_str(&note));
	}
	property(w, "reason=", v->dmarc_overridden ? "trusted forwarder" : v->dmarc_reason);
	property(w, "header.from=", v->dmarc_domain);
	buf_release(&note);
}

void
authres_format(struct buf *out, const struct verdict *v, const struct record *rec,
	const char *authserv_id)
{
	struct writer w = {out, 0};
	struct str ip = record_get(rec, "client-ip");
	buf_addf(out, "Authentication-Results: %s", authserv_id);
	if (v->spf_known)
		write_spf(&w, v, rec);
	if (v->helo_known)
		write_helo(&w, v);
	if (v->dkim_known)
		write_dkim(&w, v);
	if (v->arc_known && v->arc != AUTH_NONE)
		write_arc(&w, v);
	if (v->dmarc_known)
		write_dmarc(&w, v);
	if (v->iprev_known) {
		char *text = ip.p ? str_dup(ip) : NULL;
		method(&w, "iprev", v->iprev);
		property(&w, "policy.iprev=", text);
		free(text);
	}
	if (!v->spf_known && !v->dkim_known && !v->dmarc_known && !v->iprev_known)
		buf_addstr(out, "; none");
	buf_addstr(out, "\r\n");
}

static bool
removed(const struct header_field *f, struct str authserv_id)
{
	return str_ieq(f->name, STR("Authentication-Results")) &&
	       authres_claims(f->value, authserv_id);
}

/* What stands between the removed fields, copied in order. */
static int
copy_rest(struct blob_builder *b, struct header_walk *w, struct str authserv_id)
{
	struct header_field f;
	const char *at = w->rest.p;
	while (header_walk_next(w, &f)) {
		if (!removed(&f, authserv_id))
			continue;
		if (blob_build_add(b, at, (size_t)(f.whole.p - at)) < 0)
			return -1;
		at = f.whole.p + f.whole.n;
	}
	return blob_build_add(b, at, (size_t)(w->rest.p + w->rest.n - at));
}

/* A message without a header must not become the rest of our field. */
static struct str
separator(struct str rest)
{
	struct header_walk w;
	struct header_field f;
	header_walk_start(&w, rest);
	bool parted = header_walk_next(&w, &f) || str_starts(w.rest, STR("\r\n")) ||
		      str_starts(w.rest, STR("\n"));
	return parted ? STR("") : STR("\r\n");
}

int
authres_apply(struct str octets, struct str field, struct str authserv_id, struct blob **out)
{
	struct blob_builder b = {0};
	struct header_walk w;
	struct str parts[3] = {STR_NONE, field, separator(octets)};
	header_walk_start(&w, octets);
	parts[0] = str_n(octets.p, (size_t)(w.rest.p - octets.p)); /* the line of an mbox */
	if (blob_build_start(&b, field.n + parts[2].n + octets.n) < 0)
		return -1;
	for (size_t i = 0; i < 3; i++)
		if (blob_build_add(&b, parts[i].p, parts[i].n) < 0)
			return -1;
	return copy_rest(&b, &w, authserv_id) < 0 ? -1 : blob_build_finish(&b, out);
}
