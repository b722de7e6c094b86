#include <stdlib.h>

#include "address.h"
#include "domains.h"
#include "idn.h"
#include "links.h"
#include "mem.h"
#include "message.h"
#include "mimetext.h"
#include "registrable.h"

#define BODY_MAX (1u << 20) /* octets of text, and of HTML, that are looked through */

void
domains_release(struct domains *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->list[i].name);
	d->n = 0;
}

static void
add(struct domains *d, const char *name, const char *where)
{
	if (d->n == DOMAINS_MAX)
		return;
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->list[i].name, name) == 0)
			return;
	d->list[d->n].name = xstrdup(name);
	d->list[d->n++].where = where;
}

/* Lists of domains are not to be asked about addresses; no domain at the top is a
 * number. */
static bool
is_name(const char *name)
{
	const char *top = strrchr(name, '.');
	return top && strspn(top + 1, "0123456789") < strlen(top + 1);
}

void
domains_add(struct domains *d, struct str name, const char *where)
{
	if (name.n && name.p[name.n - 1] == '.')
		name.n--;
	bool wanted = d->n < DOMAINS_MAX && domain_valid(name);
	char *ascii = wanted ? idn_ascii(name) : NULL;
	if (ascii && is_name(ascii)) {
		const char *registered = registrable_domain(ascii);
		if (registered)
			add(d, registered, where);
		add(d, ascii, where);
	}
	free(ascii);
}

struct place {
	struct domains *domains;
	const char *where;
};

static void
on_link(void *arg, struct str host)
{
	struct place *p = arg;
	domains_add(p->domains, host, p->where);
}

static bool
on_address(void *arg, struct str addr_spec)
{
	struct place *p = arg;
	size_t at = addr_spec.n;
	while (at > 0 && addr_spec.p[at - 1] != '@')
		at--;
	if (at > 0)
		domains_add(p->domains, str_skip(addr_spec, at), p->where);
	return p->domains->n < DOMAINS_MAX;
}

static void
from_envelope(struct domains *d, const struct record *rec)
{
	struct path path;
	struct str from = record_get(rec, "mail-from");
	if (from.p && path_parse(from, &path) == 0 && path.domain.p)
		domains_add(d, path.domain, "mail-from");
	domains_add(d, record_get(rec, "helo"), "helo");
	domains_add(d, record_get(rec, "client-name"), "client-name");
}

static void
from_header(struct domains *d, struct str octets)
{
	static const struct {
		const char *field, *where;
	} fields[] = {{"From", "from"}, {"Reply-To", "reply-to"}};
	struct message m = {0};
	const struct header_field *f;
	message_parse(&m, octets);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		struct place place = {d, fields[i].where};
		for (size_t at = 0; message_next(&m, fields[i].field, &at, &f);)
			address_list_each(f->value, on_address, &place);
	}
	message_release(&m);
}

static void
from_body(struct domains *d, struct str octets)
{
	struct mimetext t = {.html_max = BODY_MAX};
	struct place place = {d, "body"};
	mimetext_extract(&t, octets, BODY_MAX);
	links_in_html(buf_str(&t.html), on_link, &place);
	links_in_text(buf_str(&t.body), on_link, &place);
	mimetext_release(&t);
}

void
domains_collect(struct domains *d, const struct record *rec, bool body)
{
	struct str octets = str_n(rec->body->p, rec->body->n);
	from_envelope(d, rec);
	if (octets.n)
		from_header(d, octets);
	if (octets.n && body)
		from_body(d, octets);
}
