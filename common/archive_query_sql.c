#include <stdlib.h>
#include <string.h>

#include "cidr.h"
#include "archive_query_header.h"
#include "mem.h"
#include "archive_query_sql.h"
#include "archive_query_words.h"

static void
add_value(struct query_sql *s, char *text, int64_t number)
{
	s->values = xgrow(s->values, &s->cap, s->n + 1, sizeof(*s->values));
	s->values[s->n++] = (struct sql_value){text, number};
}

static void
text_condition(struct query_sql *s, const struct query *q, const char *sql)
{
	buf_addstr(&s->text, sql);
	add_value(s, xstrdup(q->text), 0);
}

static void
range_condition(struct query_sql *s, const struct query *q, const char *column)
{
	buf_addf(&s->text, "%s BETWEEN ? AND ?", column);
	add_value(s, NULL, q->min);
	add_value(s, NULL, q->max);
}

static void
network_condition(struct query_sql *s, const struct query *q)
{
	char ip[IP_TEXT_SIZE];
	buf_addstr(&s->text, "ip_within(m.ip, ?)");
	add_value(s, xasprintf("%s/%d", ip_text(&q->network.ip, ip), q->network.bits), 0);
}

static void
condition(struct query_sql *s, const struct query *q)
{
	switch (q->kind) {
	case QUERY_MAIL_FROM:
		text_condition(s, q,
			*q->text ? "instr(lower(m.mail_from), ?) > 0" : "m.mail_from = ?");
		break;
	case QUERY_RCPT:
		text_condition(s, q,
			"EXISTS (SELECT 1 FROM rcpt WHERE message = m.n AND"
			" instr(lower(path), ?) > 0)");
		break;
	case QUERY_ID:
		text_condition(s, q, "(m.id = ? OR m.message_id = ?)");
		add_value(s, xstrdup(q->text), 0);
		break;
	case QUERY_INGRESS:
		text_condition(s, q, "lower(m.ingress) = ?");
		break;
	case QUERY_SPF:
		text_condition(s, q, "instr(' ' || lower(m.spf) || ' ', ' ' || ? || ' ') > 0");
		break;
	case QUERY_DKIM:
		text_condition(s, q, "instr(' ' || lower(m.dkim) || ' ', ' ' || ? || ' ') > 0");
		break;
	case QUERY_DMARC:
		text_condition(
			s, q, "instr(' ' || lower(m.dmarc) || ' ', ' ' || ? || ' ') > 0");
		break;
	case QUERY_ARC:
		text_condition(s, q, "instr(' ' || lower(m.arc) || ' ', ' ' || ? || ' ') > 0");
		break;
	case QUERY_LIST:
		text_condition(s, q, "instr(m.list_id, ?) > 0");
		break;
	case QUERY_ARCHIVE:
		text_condition(s, q, "lower(" QUERY_SQL_ARCHIVE ") = ?");
		break;
	case QUERY_HEADER:
		buf_addf(&s->text, "header_contains(m.n, '%s', ?)", q->column);
		add_value(s, xstrdup(q->text), 0);
		break;
	case QUERY_IP:
		network_condition(s, q);
		break;
	case QUERY_SIZE:
		range_condition(s, q, "m.size");
		break;
	case QUERY_HAS_ATTACHMENT:
		buf_addstr(&s->text, "m.attachments > 0");
		break;
	case QUERY_RECEIVED:
		range_condition(s, q, "m.received");
		break;
	default:
		buf_addstr(&s->text, "1");
	}
}

static void build(struct query_sql *s, const struct query *q);

static void
joined(struct query_sql *s, const struct query *q, const char *operator)
{
	if (q->n == 0) {
		buf_addstr(&s->text, q->kind == QUERY_AND ? "1" : "0");
		return;
	}
	buf_addc(&s->text, '(');
	for (size_t i = 0; i < q->n; i++) {
		if (i)
			buf_addstr(&s->text, operator);
		build(s, q->kids[i]);
	}
	buf_addc(&s->text, ')');
}

static void
build(struct query_sql *s, const struct query *q)
{
	if (query_is_words(q)) {
		buf_addstr(&s->text, "m.n IN (SELECT rowid FROM words WHERE words MATCH ?)");
		add_value(s, query_words(q), 0);
	} else if (q->kind == QUERY_AND || q->kind == QUERY_OR) {
		joined(s, q, q->kind == QUERY_AND ? " AND " : " OR ");
	} else if (q->kind == QUERY_NOT) {
		buf_addstr(&s->text, "NOT ");
		build(s, q->kids[0]);
	} else {
		condition(s, q);
	}
}

void
query_sql_build(struct query_sql *s, const struct query *q)
{
	*s = (struct query_sql){0};
	build(s, q);
}

void
query_sql_release(struct query_sql *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->values[i].text);
	free(s->values);
	buf_release(&s->text);
	*s = (struct query_sql){0};
}

void
query_sql_bind(const struct query_sql *s, sqlite3_stmt *st, int first)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->values[i].text)
			sqlite3_bind_text(
				st, first + (int)i, s->values[i].text, -1, SQLITE_STATIC);
		else
			sqlite3_bind_int64(st, first + (int)i, s->values[i].number);
	}
}

static struct str
argument(sqlite3_value *v)
{
	const void *p = sqlite3_value_text(v);
	return str_n(p ? p : "", (size_t)sqlite3_value_bytes(v));
}

static void
ip_within(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct ip ip;
	struct cidr network;
	(void)n;
	sqlite3_result_int(c, ip_parse(argument(v[0]), &ip) == 0 &&
				      cidr_parse(argument(v[1]), &network) == 0 &&
				      cidr_contains(&network, &ip));
}

int
query_sql_functions(sqlite3 *db, struct frame_reader *frames)
{
	if (sqlite3_create_function(db, "ip_within", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
		    NULL, ip_within, NULL, NULL) != SQLITE_OK)
		return -1;
	return frames ? header_contains_define(db, frames) : 0;
}
