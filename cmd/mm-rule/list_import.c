#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addrlist.h"
#include "io.h"
#include "list_text.h"
#include "mem.h"

struct import {
	struct list_text *list;
	const char *file;
	struct problems *ps;
};

/* An address, {"Address": ...}, or a list of these, also under a name: what
 * list-members-of-address-list answers. */
static void
add_json(const struct import *in, const json_t *v, size_t line)
{
	const char *key;
	json_t *value;
	if (json_is_string(v)) {
		list_text_add(in->list, json_text(v), in->file, line, in->ps);
	} else if (json_is_array(v)) {
		for (size_t i = 0; i < json_array_size(v); i++)
			if (!json_is_array(json_array_get(v, i)))
				add_json(in, json_array_get(v, i), line);
	} else if (json_object_get(v, "Address")) {
		add_json(in, json_object_get(v, "Address"), line);
	} else {
		json_object_foreach ((json_t *)v, key, value)
			if (json_is_array(value))
				add_json(in, value, line);
	}
}

/* One value, or one a line. */
static void
import_json(const struct import *in, struct str text)
{
	json_error_t e;
	json_t *whole = json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL), *v;
	if (whole) {
		add_json(in, whole, 0);
		json_decref(whole);
		return;
	}
	for (size_t line = 1; text.n && in->ps->errors < 200; line++) {
		struct str one = str_trim(str_cut(&text, '\n'));
		if (one.n == 0)
			continue;
		v = json_loadb(one.p, one.n, JSON_DECODE_ANY, &e);
		if (v)
			add_json(in, v, line);
		else
			problem_add(in->ps, PROBLEM_ERROR, in->file, (int)line,
				e.column > 0 ? e.column : 1, "", "not valid JSON");
		json_decref(v);
	}
}

/* The first field of a row; RFC 4180 quotes undone. */
static void
first_field(struct buf *out, struct str row)
{
	buf_reset(out);
	if (!str_starts(row, STR("\""))) {
		buf_adds(out, str_trim(str_cut(&row, ',')));
		return;
	}
	for (row = str_skip(row, 1); row.n; row = str_skip(row, 1)) {
		if (row.p[0] == '"' && (row.n < 2 || row.p[1] != '"'))
			return;
		if (row.p[0] == '"')
			row = str_skip(row, 1);
		buf_addc(out, row.p[0]);
	}
}

static bool
is_heading(struct str field)
{
	return str_ieq(field, STR("Address")) || str_ieq(field, STR("Email")) ||
	       str_ieq(field, STR("EmailAddress"));
}

static void
import_rows(const struct import *in, struct str text)
{
	struct buf field = {0};
	for (size_t line = 1; text.n && in->ps->errors < 200; line++) {
		struct str row = str_trim(str_cut(&text, '\n'));
		first_field(&field, row);
		if (row.n == 0 || row.p[0] == '#' || (line == 1 && is_heading(buf_str(&field))))
			continue;
		list_text_add(in->list, buf_str(&field), in->file, line, in->ps);
	}
	buf_release(&field);
}

void
list_import(struct list_text *l, const char *file, struct problems *ps)
{
	struct import in = {l, file, ps};
	struct buf octets = {0};
	int rc = strcmp(file, "-") == 0 ? io_read_all(STDIN_FILENO, &octets, ADDRLIST_MAX_SIZE)
					: io_read_file(file, &octets, ADDRLIST_MAX_SIZE);
	if (rc < 0) {
		char *text = xasprintf("cannot read: %s", strerror(errno));
		problem_add(ps, PROBLEM_ERROR, file, 0, 0, "", text);
		free(text);
	}
	struct str text = buf_str(&octets);
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_skip(text, 3);
	text = rc < 0 ? STR("") : text;
	/* a quoted CSV field and a JSON string begin alike; only one has a comma outside */
	bool json = text.n && (str_trim(text).p[0] == '{' || str_trim(text).p[0] == '[');
	if (json)
		import_json(&in, text);
	else
		import_rows(&in, text);
	buf_release(&octets);
}
