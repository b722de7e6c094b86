#include <stdlib.h>

#include "http_impl.h"
#include "log.h"
#include "wipe.h"

#define CONNECT_TIMEOUT_MS 10000
#define MAX_HEADERS 65536

static size_t
keep(struct http_task *t, struct buf *b, struct str more, size_t limit)
{
	t->too_large = b->n + more.n > limit;
	if (t->too_large)
		return 0; /* libcurl then ends the transfer */
	buf_adds(b, more);
	return more.n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http_task *t = arg;
	return keep(t, &t->in, str_n(p, size * n), t->max_response);
}

static size_t
on_head(char *p, size_t size, size_t n, void *arg)
{
	struct http_task *t = arg;
	return keep(t, &t->head, str_n(p, size * n), MAX_HEADERS);
}

void
http_transfer_end(struct http_task *t)
{
	if (!t->easy)
		return;
	curl_multi_remove_handle(t->http->multi, t->easy);
	curl_easy_cleanup(t->easy);
	t->easy = NULL;
}

void
http_task_free(struct http_task *t)
{
	ev_timer_stop(t->http->loop, &t->timer);
	http_transfer_end(t);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->connect_to);
	curl_slist_free_all(t->resolve);
	if (t->confidential)
		wipe_buf(&t->in);
	buf_release(&t->in);
	buf_release(&t->head);
	free(t->method);
	free(t->url);
	free(t->unix_socket);
	free(t->sigv4);
	free(t->access_key);
	free(t->secret_key);
	free(t);
}

static void
set_options(struct http_task *t)
{
	CURL *e = t->easy;
	const char *ca_file = getenv("SSL_CERT_FILE"), *ca_dir = getenv("SSL_CERT_DIR");
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_URL, t->url);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_POSTFIELDS, t->body.p ? t->body.p : "");
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.n);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, t->method);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "mm");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	if (ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, ca_file);
	if (ca_dir)
		curl_easy_setopt(e, CURLOPT_CAPATH, ca_dir);
	if (t->unix_socket)
		curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, t->unix_socket);
	if (t->connect_to)
		curl_easy_setopt(e, CURLOPT_CONNECT_TO, t->connect_to);
	if (t->resolve)
		curl_easy_setopt(e, CURLOPT_RESOLVE, t->resolve);
	if (t->connect_to || t->resolve)
		curl_easy_setopt(e, CURLOPT_PROXY, "");
	if (t->sigv4) {
		curl_easy_setopt(e, CURLOPT_AWS_SIGV4, t->sigv4);
		curl_easy_setopt(e, CURLOPT_USERNAME, t->access_key);
		curl_easy_setopt(e, CURLOPT_PASSWORD, t->secret_key);
	}
}

void
http_transfer_start(struct http_task *t)
{
	buf_reset(&t->in);
	if (t->confidential)
		buf_reserve(&t->in, t->max_response); /* it does not move */
	buf_reset(&t->head);
	t->error[0] = '\0';
	t->easy = curl_easy_init();
	if (!t->easy)
		log_die(75, "libcurl cannot make a handle");
	set_options(t);
}
