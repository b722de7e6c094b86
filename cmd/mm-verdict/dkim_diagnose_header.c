#include <stdio.h>
#include <stdlib.h>

#include "dkim_diagnose.h"
#include "mem.h"
#include "tags.h"

#define MAX_FIELDS 200
#define MAX_HEADER (1u << 20)

/* The fields that were chosen to be hashed, and what is tried in place of them. */
struct trial {
	struct dkim_diagnosis *d;
	struct dkim_hash *h;
	const struct message *msg;
	const struct dkim_signature *s;
	struct dkim_pkey *key;
	const struct header_field **fields;
	size_t n;
};

static bool
matches(struct trial *t, enum dkim_canon c)
{
	unsigned char hash[DKIM_HASH_SIZE];
	dkim_hash_fields(t->h, c, t->fields, t->n, t->s->field, hash);
	return dkim_pkey_verifies(t->key, hash, buf_str(&t->s->signature));
}

/* Does it match with this text as field i? */
static bool
matches_with(struct trial *t, size_t i, struct str whole)
{
	const struct header_field *old = t->fields[i];
	struct header_field other = *old;
	other.whole = whole;
	t->fields[i] = &other;
	bool good = matches(t, t->s->header_canon);
	t->fields[i] = old;
	return good;
}

static bool
say(struct trial *t, const char *fix, const char *fmt, struct str name)
{
	(void)snprintf(t->d->because, sizeof(t->d->because), fmt, STR_ARG(name));
	t->d->fix = fix;
	return true;
}

/* Without the first "[...] " of the value; false if it has none. */
static bool
untagged(struct str whole, struct buf *out)
{
	const char *open = memchr(whole.p, '[', whole.n);
	const char *close = open ? memchr(open, ']', whole.n - (size_t)(open - whole.p)) : NULL;
	if (!close)
		return false;
	size_t end = (size_t)(close - whole.p) + 1;
	while (end < whole.n && (whole.p[end] == ' ' || whole.p[end] == '\t'))
		end++;
	buf_add(out, whole.p, (size_t)(open - whole.p));
	buf_adds(out, str_skip(whole, end));
	return true;
}

static bool
subject_tag(struct trial *t)
{
	struct buf text = {0};
	bool found = false;
	for (size_t i = 0; i < t->n && !found; i++) {
		buf_reset(&text);
		found = str_ieq(t->fields[i]->name, STR("Subject")) &&
			untagged(t->fields[i]->whole, &text) &&
			matches_with(t, i, buf_str(&text));
	}
	buf_release(&text);
	return found &&
	       say(t, "let the list leave subjects alone, or seal by ARC what it sends on",
		       "a tag in brackets was put into %.*s", STR("Subject"));
}

/* The field on one line, a single space for each place where it was folded. */
static void
unfold(struct str whole, struct buf *out)
{
	for (size_t i = 0; i < whole.n; i++) {
		if (whole.p[i] != '\r' && whole.p[i] != '\n') {
			buf_addc(out, whole.p[i]);
			continue;
		}
		while (i + 1 < whole.n && strchr(" \t\r\n", whole.p[i + 1]) && whole.p[i + 1])
			i++;
		if (i + 1 < whole.n)
			buf_addc(out, ' ');
	}
}

/* One field, or (from == n) all of them. */
static bool
unfolded(struct trial *t, size_t from)
{
	struct header_field *other = xcalloc(t->n + 1, sizeof(*other));
	const struct header_field **old = xcalloc(t->n + 1, sizeof(*old));
	struct buf *text = xcalloc(t->n + 1, sizeof(*text));
	memcpy(old, t->fields, t->n * sizeof(*old));
	for (size_t i = 0; i < t->n; i++) {
		if (from != t->n && i != from)
			continue;
		other[i] = *old[i];
		unfold(old[i]->whole, &text[i]);
		other[i].whole = buf_str(&text[i]);
		t->fields[i] = &other[i];
	}
	bool good = matches(t, t->s->header_canon);
	memcpy(t->fields, old, t->n * sizeof(*old));
	for (size_t i = 0; i < t->n; i++)
		buf_release(&text[i]);
	free(other);
	free(old);
	free(text);
	return good;
}

static bool
refolded(struct trial *t)
{
	static const char fix[] = "sign with c=relaxed/relaxed, which allows for it";
	if (t->s->header_canon == DKIM_RELAXED)
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (unfolded(t, i))
			return say(
				t, fix, "the field %.*s was folded anew", t->fields[i]->name);
	return unfolded(t, t->n) && say(t, fix, "%.*s was folded anew", STR("the header"));
}

/* Something was added under a name that h= lists once more than there were. */
static bool
added(struct trial *t)
{
	const struct header_field **all = t->fields;
	bool found = false;
	size_t n = t->n, i = 0;
	struct header_field const **rest = xcalloc(n + 1, sizeof(*rest));
	for (; i < n && !found; i++) {
		memcpy(rest, all, i * sizeof(*rest));
		memcpy(rest + i, all + i + 1, (n - i - 1) * sizeof(*rest));
		t->fields = rest;
		t->n = n - 1;
		found = matches(t, t->s->header_canon);
	}
	t->fields = all;
	t->n = n;
	free(rest);
	return found &&
	       say(t, "let nobody on the way add such a field",
		       "a field %.*s was added, which was not there when it was signed",
		       all[i - 1]->name);
}

static bool
is_chosen(const struct trial *t, const struct header_field *f)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->fields[i] == f)
			return true;
	return false;
}

/* A field of the same name was put below the one that was signed. */
static bool
displaced(struct trial *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct header_field *f;
		size_t at = 0;
		char *name = str_dup(t->fields[i]->name);
		bool found = false;
		while (!found && message_next(t->msg, name, &at, &f))
			found = f != t->s->field && !is_chosen(t, f) &&
				matches_with(t, i, f->whole);
		free(name);
		if (found)
			return say(t, "new fields belong on top of the header",
				"a second field %.*s stands below the one that was signed",
				t->fields[i]->name);
	}
	return false;
}

bool
dkim_diagnose_header(struct dkim_diagnosis *d, struct dkim_hash *h, const struct message *msg,
	const struct dkim_signature *s, struct dkim_pkey *key)
{
	struct trial t = {.d = d, .h = h, .msg = msg, .s = s, .key = key};
	if (msg->header.n > MAX_HEADER)
		return false;
	t.fields = dkim_hash_choose(h, s->signed_fields, s->field, &t.n);
	if (t.n > MAX_FIELDS)
		return false;
	return subject_tag(&t) || refolded(&t) || added(&t) || displaced(&t);
}
