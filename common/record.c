#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "record.h"
#include "utf8.h"

#define TYPICAL_FIELDS 24
#define TYPICAL_HEAD 1024

struct record *
record_new(void)
{
	struct record *r = xcalloc(1, sizeof(*r));
	r->fields = xgrow(NULL, &r->cap, TYPICAL_FIELDS, sizeof(*r->fields));
	buf_reserve(&r->head, TYPICAL_HEAD);
	r->body = blob_empty();
	return r;
}

struct record *
record_clone(const struct record *r)
{
	struct record *copy = xcalloc(1, sizeof(*copy));
	buf_add(&copy->head, r->head.p, r->head.n);
	copy->fields = xgrow(NULL, &copy->cap, r->nfields, sizeof(*copy->fields));
	if (r->nfields)
		memcpy(copy->fields, r->fields, r->nfields * sizeof(*copy->fields));
	copy->nfields = r->nfields;
	copy->body = blob_ref(r->body);
	return copy;
}

void
record_free(struct record *r)
{
	if (!r)
		return;
	buf_release(&r->head);
	free(r->fields);
	blob_unref(r->body);
	free(r);
}

size_t
record_weight(const struct record *r)
{
	return sizeof(*r) + r->head.cap + r->cap * sizeof(*r->fields) + r->body->n;
}

void
record_set_body(struct record *r, struct blob *body)
{
	blob_unref(r->body);
	r->body = body;
}

struct str
record_name_at(const struct record *r, size_t i)
{
	return str_n(r->head.p + r->fields[i].name, r->fields[i].name_len);
}

struct str
record_value_at(const struct record *r, size_t i)
{
	return str_n(r->head.p + r->fields[i].value, r->fields[i].value_len);
}

struct str
record_line_at(const struct record *r, size_t i)
{
	const struct field *f = &r->fields[i];
	return str_n(r->head.p + f->name, f->value + f->value_len - f->name);
}

bool
record_next(const struct record *r, const char *name, size_t *at, struct str *value)
{
	struct str wanted = str_of(name);
	for (size_t i = *at; i < r->nfields; i++) {
		if (!str_eq(record_name_at(r, i), wanted))
			continue;
		*value = record_value_at(r, i);
		*at = i + 1;
		return true;
	}
	return false;
}

struct str
record_get(const struct record *r, const char *name)
{
	size_t at = 0;
	struct str value;
	return record_next(r, name, &at, &value) ? value : STR_NONE;
}

struct str
record_last(const struct record *r, const char *name)
{
	struct str wanted = str_of(name);
	for (size_t i = r->nfields; i-- > 0;)
		if (str_eq(record_name_at(r, i), wanted))
			return record_value_at(r, i);
	return STR_NONE;
}

bool
record_has(const struct record *r, const char *name)
{
	return record_get(r, name).p != NULL;
}

size_t
record_count(const struct record *r, const char *name)
{
	size_t at = 0, n = 0;
	struct str value;
	while (record_next(r, name, &at, &value))
		n++;
	return n;
}

/* The field that what is appended to the head next will be. */
static struct field *
next_field(struct record *r, size_t name_len, size_t value_len)
{
	r->fields = xgrow(r->fields, &r->cap, r->nfields + 1, sizeof(*r->fields));
	struct field *f = &r->fields[r->nfields++];
	f->name = (uint32_t)r->head.n;
	f->name_len = (uint32_t)name_len;
	f->value = f->name + f->name_len + 2;
	f->value_len = (uint32_t)value_len;
	return f;
}

void
record_adopt_line(struct record *r, struct str line, size_t name_len)
{
	(void)next_field(r, name_len, line.n - name_len - 2);
	buf_reserve(&r->head, line.n + 1);
	buf_adds(&r->head, line);
	buf_addc(&r->head, '\n');
}

void
record_copy_field(struct record *r, const struct record *from, size_t i)
{
	record_adopt_line(r, record_line_at(from, i), from->fields[i].name_len);
}

static void
make_printable(char *p, size_t n)
{
	for (size_t i = utf8_text_length(str_n(p, n)); i < n;) {
		size_t len = utf8_length(str_n(p + i, n - i));
		len = len ? len : 1;
		memset(p + i, '?', len);
		i += len;
		i += utf8_text_length(str_n(p + i, n - i));
	}
}

void
record_add(struct record *r, const char *name, struct str value)
{
	struct str wanted = str_of(name);
	size_t most = RECORD_MAX_LINE - wanted.n - 2;
	value.n = value.n < most ? value.n : most;
	struct str head = buf_str(&r->head);
	bool own = value.p >= head.p && value.p < head.p + head.n;
	size_t at = own ? (size_t)(value.p - head.p) : 0;
	buf_reserve(&r->head, wanted.n + value.n + 3);
	if (own)
		value.p = r->head.p + at;
	struct field *f = next_field(r, wanted.n, value.n);
	buf_adds(&r->head, wanted);
	buf_add(&r->head, ": ", 2);
	buf_adds(&r->head, value);
	buf_addc(&r->head, '\n');
	make_printable(r->head.p + f->value, f->value_len);
}

static void
add_va(struct record *r, const char *name, const char *fmt, va_list ap)
{
	struct buf value = {0};
	buf_vaddf(&value, fmt, ap);
	record_add(r, name, buf_str(&value));
	buf_release(&value);
}

void
record_addf(struct record *r, const char *name, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add_va(r, name, fmt, ap);
	va_end(ap);
}

void
record_set(struct record *r, const char *name, struct str value)
{
	char *copy = str_dup(value); /* the value may be a view into this record */
	record_remove(r, name);
	record_add(r, name, str_n(copy, value.n));
	free(copy);
}

void
record_setf(struct record *r, const char *name, const char *fmt, ...)
{
	struct buf value = {0};
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&value, fmt, ap);
	va_end(ap);
	record_set(r, name, buf_str(&value));
	buf_release(&value);
}

void
record_remove_at(struct record *r, size_t i)
{
	uint32_t start = r->fields[i].name;
	uint32_t len = r->fields[i].value + r->fields[i].value_len + 1 - start;
	memmove(r->head.p + start, r->head.p + start + len, r->head.n - start - len);
	r->head.n -= len;
	memmove(&r->fields[i], &r->fields[i + 1], (r->nfields - i - 1) * sizeof(*r->fields));
	r->nfields--;
	for (size_t k = i; k < r->nfields; k++) {
		r->fields[k].name -= len;
		r->fields[k].value -= len;
	}
}

size_t
record_remove(struct record *r, const char *name)
{
	struct str wanted = str_of(name);
	size_t kept = 0, head = 0, before = r->nfields;
	for (size_t i = 0; i < r->nfields; i++) {
		struct field f = r->fields[i];
		if (str_eq(record_name_at(r, i), wanted))
			continue;
		uint32_t len = f.value + f.value_len + 1 - f.name;
		uint32_t back = f.name - (uint32_t)head;
		memmove(r->head.p + head, r->head.p + f.name, len);
		f.name -= back;
		f.value -= back;
		r->fields[kept++] = f;
		head += len;
	}
	r->nfields = kept;
	r->head.n = head;
	return before - kept;
}

const char *
status_word(enum status s)
{
	static const char *const words[] = {"", "ok", "tempfail", "permfail"};
	return words[s];
}

enum status
record_status(const struct record *r)
{
	struct str value = record_last(r, "status");
	for (int s = STATUS_OK; s <= STATUS_PERMFAIL; s++)
		if (value.p && str_eq(value, str_of(status_word((enum status)s))))
			return (enum status)s;
	return STATUS_NONE;
}

bool
record_failed(const struct record *r)
{
	enum status s = record_status(r);
	return s == STATUS_TEMPFAIL || s == STATUS_PERMFAIL;
}

void
record_outcome(struct record *r, enum status s, const char *reply_fmt, ...)
{
	struct buf reply = {0};
	va_list ap;
	va_start(ap, reply_fmt);
	buf_vaddf(&reply, reply_fmt, ap);
	va_end(ap);
	record_set(r, "status", str_of(status_word(s)));
	record_set(r, "reply", buf_str(&reply));
	buf_release(&reply);
}
