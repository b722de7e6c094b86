/* The DKIM engine on libopendkim.  It is given only signatures and keys that our
 * own parsers have accepted, header fields one by one, and never asked for
 * dkim_ohdrs(). */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include <opendkim/dkim.h>

#include "dkim_engine.h"
#include "log.h"
#include "mem.h"

struct run {
	struct dkim_signature *sigs;
	size_t n;
	struct dkim_signature **fed; /* those that the library has taken, in its order */
	size_t nfed;
	DKIM_SIGINFO **infos; /* its own of them */
	size_t ninfos;
};

static struct run *current; /* the library runs one message at a time */

static DKIM_CBSTAT
prescreen(DKIM *dkim, DKIM_SIGINFO **infos, int n)
{
	(void)dkim;
	current->infos = infos;
	current->ninfos = (size_t)n;
	for (int i = 0; i < n; i++)
		if ((size_t)i >= current->nfed || current->fed[i]->decided)
			dkim_sig_ignore(infos[i]);
	return DKIM_CBSTAT_CONTINUE;
}

static struct dkim_signature *
signature_of(const DKIM_SIGINFO *info)
{
	for (size_t i = 0; i < current->ninfos && i < current->nfed; i++)
		if (current->infos[i] == info)
			return current->fed[i];
	return NULL;
}

static DKIM_CBSTAT
key_lookup(DKIM *dkim, DKIM_SIGINFO *info, u_char *out, size_t size)
{
	struct dkim_signature *s = signature_of(info);
	(void)dkim;
	if (!s || s->decided)
		return DKIM_CBSTAT_NOTFOUND;
	const struct dkim_key *k = &s->key;
	int n = snprintf((char *)out, size, "v=DKIM1; k=%s; p=%.*s",
		k->algorithm == DKIM_ED25519_SHA256 ? "ed25519" : "rsa",
		STR_ARG(buf_str(&k->base64)));
	if (n >= 0 && (size_t)n < size)
		return DKIM_CBSTAT_CONTINUE;
	dkim_signature_decide(s, AUTH_PERMERROR, "key too large");
	return DKIM_CBSTAT_NOTFOUND;
}

static DKIM_LIB *
library(void)
{
	static DKIM_LIB *lib;
	if (lib)
		return lib;
	lib = dkim_init(NULL, NULL);
	if (!lib || dkim_set_prescreen(lib, prescreen) != DKIM_STAT_OK ||
		dkim_set_key_lookup(lib, key_lookup) != DKIM_STAT_OK)
		log_die(EX_TEMPFAIL, "cannot start libopendkim");
	return lib;
}

static struct dkim_signature *
signature_in(struct run *r, const struct header_field *f)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->sigs[i].field == f)
			return &r->sigs[i];
	return NULL;
}

/* A NUL in a header field makes relaxed canonicalization read beyond it; such a
 * field is handed over with another octet there, so that signatures over it fail. */
static DKIM_STAT
feed_octets(DKIM *dkim, struct str whole)
{
	char *copy = xmemdup0(whole.p, whole.n);
	for (char *p = copy; (p = memchr(p, '\0', (size_t)(copy + whole.n - p)));)
		*p = '\1';
	DKIM_STAT st = dkim_header(dkim, (u_char *)copy, whole.n);
	free(copy);
	return st;
}

/* Signatures that are malformed are not even shown to it; those decided for another
 * reason are, since one may sign the other. */
static void
feed_header(DKIM *dkim, struct run *r, const struct message *msg)
{
	for (size_t i = 0; i < msg->nfields; i++) {
		const struct header_field *f = &msg->fields[i];
		struct dkim_signature *s = signature_in(r, f);
		if (str_ieq(f->name, STR("DKIM-Signature")) && (!s || !s->well_formed))
			continue;
		struct str whole = f->whole;
		while (whole.n && strchr("\r\n", whole.p[whole.n - 1]) && whole.p[whole.n - 1])
			whole.n--;
		DKIM_STAT st = feed_octets(dkim, whole);
		if (s && st == DKIM_STAT_OK)
			r->fed[r->nfed++] = s;
		else if (s && !s->decided)
			dkim_signature_decide(s, AUTH_NEUTRAL, "malformed signature");
	}
}

static void
decide_rest(struct run *r, const char *reason)
{
	for (size_t i = 0; i < r->n; i++)
		if (!r->sigs[i].decided)
			dkim_signature_decide(&r->sigs[i], AUTH_PERMERROR, "%s", reason);
}

static void
conclude(struct dkim_signature *s, DKIM_SIGINFO *info)
{
	unsigned flags = dkim_sig_getflags(info), bits = 0;
	int error = dkim_sig_geterror(info), body = dkim_sig_getbh(info);
	const char *text = dkim_sig_geterrorstr(error);
	if (s->decided)
		return;
	if ((flags & DKIM_SIGFLAG_PASSED) && body == DKIM_SIGBH_MATCH &&
		error == DKIM_SIGERROR_OK)
		dkim_signature_decide(s, AUTH_PASS, "%s", "");
	else if (error == DKIM_SIGERROR_KEYTOOSMALL &&
		 dkim_sig_getkeysize(info, &bits) == DKIM_STAT_OK)
		dkim_signature_decide(
			s, AUTH_PERMERROR, "key of %u bits, expected 1024 or more", bits);
	else if (error == DKIM_SIGERROR_TOOLARGE_L)
		dkim_signature_decide(s, AUTH_FAIL, "body is shorter than l=");
	else if (body == DKIM_SIGBH_MISMATCH)
		dkim_signature_decide(s, AUTH_FAIL, "body hash did not verify");
	else if (error == DKIM_SIGERROR_BADSIG || error <= DKIM_SIGERROR_OK)
		dkim_signature_decide(s, AUTH_FAIL, "signature did not verify");
	else
		dkim_signature_decide(
			s, AUTH_PERMERROR, "%s", text ? text : "cannot be verified");
}

static void
feed(DKIM *dkim, struct run *r, const struct message *msg)
{
	feed_header(dkim, r, msg);
	DKIM_STAT st = dkim_eoh(dkim);
	if (st == DKIM_STAT_OK && msg->body.n)
		st = dkim_body(dkim, (u_char *)(uintptr_t)msg->body.p, msg->body.n);
	if (st == DKIM_STAT_OK)
		(void)dkim_eom(dkim, NULL);
	for (size_t i = 0; st == DKIM_STAT_OK && i < r->ninfos && i < r->nfed; i++)
		conclude(r->fed[i], r->infos[i]);
}

static void
verify(const struct message *msg, struct dkim_signature *sigs, size_t n)
{
	struct run r = {.sigs = sigs, .n = n};
	DKIM_STAT st;
	DKIM *dkim = dkim_verify(library(), (const u_char *)"mm", NULL, &st);
	if (!dkim)
		log_die(EX_TEMPFAIL, "libopendkim: out of memory");
	r.fed = xcalloc(n + 1, sizeof(struct dkim_signature *));
	current = &r;
	feed(dkim, &r, msg);
	decide_rest(&r, "the message cannot be verified");
	current = NULL;
	free(r.fed);
	dkim_free(dkim);
}

const struct dkim_engine dkim_opendkim = {"libopendkim", verify};
