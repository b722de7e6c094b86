#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "message.h"

/* Length of the line at the start of s, its line end included. */
static size_t
line_length(struct str s)
{
	const char *lf = s.n ? memchr(s.p, '\n', s.n) : NULL;
	return lf ? (size_t)(lf - s.p) + 1 : s.n;
}

static size_t
line_end_length(struct str line)
{
	if (line.n == 0 || line.p[line.n - 1] != '\n')
		return 0;
	return line.n > 1 && line.p[line.n - 2] == '\r' ? 2 : 1;
}

/* A field goes on as long as the next line begins with space or tab. */
static size_t
field_length(struct str s)
{
	size_t n = line_length(s);
	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n += line_length(str_skip(s, n));
	return n;
}

/* ftext of RFC 5322 section 3.6.8 */
static size_t
name_length(struct str s)
{
	size_t n = 0;
	while (n < s.n && (unsigned char)s.p[n] > ' ' && (unsigned char)s.p[n] < 0x7f &&
		s.p[n] != ':')
		n++;
	return n;
}

bool
header_name_valid(struct str name)
{
	return name.n > 0 && name_length(name) == name.n;
}

static bool
parse_field(struct str whole, struct header_field *out)
{
	size_t name = name_length(whole), colon = name;
	while (colon < whole.n && (whole.p[colon] == ' ' || whole.p[colon] == '\t'))
		colon++;
	if (name == 0 || colon >= whole.n || whole.p[colon] != ':')
		return false;
	struct str value = str_skip(whole, colon + 1);
	value.n -= value.n ? line_end_length(value) : 0;
	*out = (struct header_field){
		.name = str_n(whole.p, name), .value = value, .whole = whole};
	return true;
}

/* Length of the empty line at the start of s, 0 if it is none. */
static size_t
empty_line(struct str s)
{
	size_t line = line_length(s);
	return line == line_end_length(str_n(s.p, line)) ? line : 0;
}

void
header_walk_start(struct header_walk *w, struct str octets)
{
	*w = (struct header_walk){.rest = octets};
	size_t line = line_length(octets);
	if (str_starts(octets, STR("From ")) && octets.p[line - 1] == '\n')
		w->rest = str_skip(octets, line);
}

bool
header_walk_next(struct header_walk *w, struct header_field *out)
{
	while (w->rest.n && !empty_line(w->rest)) {
		struct str whole = str_n(w->rest.p, field_length(w->rest));
		bool field = parse_field(whole, out);
		if (!field && !w->begun)
			return false;
		w->rest = str_skip(w->rest, whole.n);
		w->begun = true;
		if (field)
			return true;
		w->stray = true;
	}
	return false;
}

void
message_parse(struct message *m, struct str octets)
{
	struct header_walk w;
	struct header_field f;
	m->octets = octets;
	m->nfields = 0;
	m->body = STR_NONE;
	m->dropped = false;
	header_walk_start(&w, octets);
	while (header_walk_next(&w, &f)) {
		m->dropped = m->nfields == MESSAGE_MAX_FIELDS;
		if (m->dropped)
			continue;
		m->fields = xgrow(m->fields, &m->cap, m->nfields + 1, sizeof(*m->fields));
		m->fields[m->nfields++] = f;
	}
	m->stray = w.stray;
	m->header = str_n(octets.p, (size_t)(w.rest.p - octets.p));
	if (w.rest.n)
		m->body = str_skip(w.rest, empty_line(w.rest));
}

void
message_parse_on_top(struct message *m, struct str top, const struct message *below)
{
	message_parse(m, top);
	size_t room = MESSAGE_MAX_FIELDS - m->nfields,
	       n = below->nfields < room ? below->nfields : room;
	m->fields = xgrow(m->fields, &m->cap, m->nfields + n, sizeof(*m->fields));
	if (n)
		memcpy(m->fields + m->nfields, below->fields, n * sizeof(*m->fields));
	m->nfields += n;
	m->octets = below->octets;
	m->header = below->header;
	m->body = below->body;
}

void
message_release(struct message *m)
{
	free(m->fields);
	*m = (struct message){0};
}

bool
message_next(
	const struct message *m, const char *name, size_t *at, const struct header_field **out)
{
	struct str wanted = str_of(name);
	for (size_t i = *at; i < m->nfields; i++) {
		if (!str_ieq(m->fields[i].name, wanted))
			continue;
		*out = &m->fields[i];
		*at = i + 1;
		return true;
	}
	return false;
}

const struct header_field *
message_field(const struct message *m, const char *name)
{
	const struct header_field *f;
	size_t at = 0;
	return message_next(m, name, &at, &f) ? f : NULL;
}

size_t
message_count(const struct message *m, const char *name)
{
	const struct header_field *f;
	size_t at = 0, n = 0;
	while (message_next(m, name, &at, &f))
		n++;
	return n;
}

size_t
message_hops(struct str octets)
{
	struct header_walk w;
	struct header_field f;
	size_t n = 0;
	header_walk_start(&w, octets);
	while (header_walk_next(&w, &f))
		n += str_ieq(f.name, STR("received"));
	return n;
}

char *
header_unfold(struct str value)
{
	value = str_trim(value);
	char *out = xmalloc(value.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != '\r' && value.p[i] != '\n' && value.p[i] != '\0')
			out[n++] = value.p[i];
	out[n] = '\0';
	return out;
}
