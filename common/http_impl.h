/* http_impl.h: what http.c, which keeps the requests, http_transfer.c, which makes one try
 * of one of them, and http_loop.c, which watches sockets, share. */
#ifndef MM_HTTP_IMPL_H
#define MM_HTTP_IMPL_H

#include <curl/curl.h>

#include "http.h"

struct http_task {
	struct http *http;
	char *method, *url, *unix_socket, *sigv4, *access_key, *secret_key;
	struct curl_slist *headers, *connect_to, *resolve;
	struct str body;
	int64_t timeout_ms;
	size_t max_response;
	bool confidential, too_large, running;
	unsigned tries_left;
	double pause;
	http_done *done;
	void *arg;

	CURL *easy; /* while running */
	struct buf in, head;
	char error[CURL_ERROR_SIZE];
	struct ev_timer timer; /* the pause before another try */
	struct http_task *prev, *next;
};

struct socket_watch {
	struct ev_io io;
	struct http *http;
	curl_socket_t fd;
	struct socket_watch *prev, *next;
};

struct http {
	struct ev_loop *loop;
	CURLM *multi;
	struct ev_timer timer;
	unsigned active, max_active;
	struct http_task *waiting, *running; /* running: also those in a pause */
	struct socket_watch *sockets;
};

/* Begins a try: t->easy, to be added to the multi handle. */
void http_transfer_start(struct http_task *t);
void http_transfer_end(struct http_task *t);

/* What was taken from the request, and the task itself. */
void http_task_free(struct http_task *t);

/* Takes transfers that have ended; libcurl has seen something. */
void http_collect(struct http *h);

/* libcurl's sockets and its timer on the loop. */
void http_loop_start(struct http *h);
void http_loop_stop(struct http *h); /* once the multi handle is gone */

#endif
