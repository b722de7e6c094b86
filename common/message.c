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

static bool
add_field(struct message *m, struct str whole)
{
	size_t name = name_length(whole), colon = name;
	while (colon < whole.n && (whole.p[colon] == ' ' || whole.p[colon] == '\t'))
		colon++;
	if (name == 0 || colon >= whole.n || whole.p[colon] != ':')
		return false;
	if (m->nfields >= MESSAGE_MAX_FIELDS)
		return true;
	m->fields = xgrow(m->fields, &m->cap, m->nfields + 1, sizeof(*m->fields));
	struct str value = str_skip(whole, colon + 1);
	value.n -= value.n ? line_end_length(value) : 0;
	m->fields[m->nfields++] = (struct header_field){
		.name = str_n(whole.p, name), .value = value, .whole = whole};
	return true;
}

void
message_parse(struct message *m, struct str octets)
{
	m->octets = octets;
	m->nfields = 0;
	m->body = STR_NONE;
	struct str rest = octets;
	if (str_starts(rest, STR("From ")))
		rest = str_skip(rest, line_length(rest));
	while (rest.n) {
		size_t line = line_length(rest);
		if (line == line_end_length(str_n(rest.p, line))) {
			m->header = str_n(octets.p, (size_t)(rest.p - octets.p));
			m->body = str_skip(rest, line);
			return;
		}
		struct str whole = str_n(rest.p, field_length(rest));
		if (!add_field(m, whole) && m->nfields == 0)
			break;
		rest = str_skip(rest, whole.n);
	}
	m->header = str_n(octets.p, (size_t)(rest.p - octets.p));
	if (rest.n)
		m->body = rest;
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
