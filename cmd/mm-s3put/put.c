#include <stdlib.h>

#include "log.h"
#include "mem.h"
#include "put.h"
#include "ulid.h"

#define TRIES 3

struct put {
	struct putter *putter;
	struct record *rec;
	char *place; /* "s3://BUCKET/KEY" */
};

static void
finish(struct put *u)
{
	struct putter *p = u->putter;
	struct record *r = u->rec;
	struct logline l;
	bool good = record_status(r) == STATUS_OK;
	log_begin(&l, good ? LOG_INFO : LOG_ERROR, good ? "stored" : "not stored");
	log_str(&l, "id", record_get(r, "id"));
	log_cstr(&l, "object", u->place);
	if (!good)
		log_str(&l, "reply", record_get(r, "reply"));
	log_end(&l);
	free(u->place);
	free(u);
	p->finished(p->arg, r);
}

/* A refusal is nearly always a matter of our credentials, bucket or policy: the
 * mail waits until that is put right. */
static void
refused(struct put *u, const struct http_response *res)
{
	struct buf why = {0};
	s3_error(res->body, &why);
	if (str_starts(buf_str(&why), STR("EntityTooLarge")))
		record_outcome(u->rec, STATUS_PERMFAIL,
			"552 5.3.4 the message is larger than the object store accepts");
	else if (res->status == 0)
		record_outcome(
			u->rec, STATUS_TEMPFAIL, "451 4.4.1 object store: %s", res->error);
	else
		record_outcome(u->rec, STATUS_TEMPFAIL, "451 %s object store: HTTP %ld%s%s",
			res->status == 429 || res->status >= 500 ? "4.3.2" : "4.3.5",
			res->status, why.n ? " " : "", buf_cstr(&why));
	buf_release(&why);
}

static void
on_done(void *arg, const struct http_response *res)
{
	struct put *u = arg;
	if (res->status / 100 == 2) {
		record_add(u->rec, "stored", str_of(u->place));
		record_outcome(u->rec, STATUS_OK, "250 2.0.0 stored as %s", u->place);
	} else {
		refused(u, res);
	}
	finish(u);
}

static void
send_object(struct put *u, struct str key)
{
	const struct s3 *s3 = u->putter->s3;
	struct buf url = {0};
	const char *headers[6] = {"Content-Type: message/rfc822"};
	size_t n = 1;
	char *token = NULL, *kms = NULL, *sigv4 = xasprintf("aws:amz:%s:s3", s3->region);
	if (s3->session_token)
		headers[n++] = token = xasprintf("x-amz-security-token: %s", s3->session_token);
	if (s3->kms_key) {
		headers[n++] = "x-amz-server-side-encryption: aws:kms";
		headers[n++] = kms = xasprintf(
			"x-amz-server-side-encryption-aws-kms-key-id: %s", s3->kms_key);
	}
	s3_url(s3, key, &url);
	struct http_request rq = {.method = "PUT",
		.url = buf_cstr(&url),
		.headers = headers,
		.body = str_n(u->rec->body->p, u->rec->body->n),
		.timeout_ms = u->putter->timeout_ms,
		.tries = TRIES,
		.sigv4 = sigv4,
		.access_key = s3->access_key,
		.secret_key = s3->secret_key};
	http_send(u->putter->http, &rq, on_done, u);
	buf_release(&url);
	free(sigv4);
	free(token);
	free(kms);
}

static bool
already_stored(const struct record *r, const char *place)
{
	struct str v;
	for (size_t at = 0; record_next(r, "stored", &at, &v);)
		if (str_eq(v, str_of(place)))
			return true;
	return false;
}

void
put_start(struct putter *p, struct record *r)
{
	struct put *u = xcalloc(1, sizeof(*u));
	struct str id = record_get(r, "id");
	u->putter = p;
	u->rec = r;
	char *key = xasprintf("%s%.*s", p->s3->prefix ? p->s3->prefix : "", STR_ARG(id));
	u->place = xasprintf("s3://%s/%s", p->s3->bucket, key);
	if (!id.p || !id_valid(id)) {
		record_outcome(
			r, STATUS_PERMFAIL, "554 5.6.0 the record has no id to store by");
		finish(u);
	} else if (r->body->n == 0) {
		record_outcome(
			r, STATUS_PERMFAIL, "554 5.6.0 there is an envelope, but no message");
		finish(u);
	} else if (already_stored(r, u->place)) {
		record_outcome(r, STATUS_OK, "250 2.0.0 stored as %s", u->place);
		finish(u);
	} else {
		send_object(u, str_of(key));
	}
	free(key);
}
