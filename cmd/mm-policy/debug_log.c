#include "debug_log.h"
#include "event_log.h"

static json_t *
action(bool allow)
{
	return json_string(allow ? "ALLOW" : "DENY");
}

static json_t *
analysis_name(const json_t *analysis)
{
	return json_sprintf("%s %s", json_string_value(json_object_get(analysis, "Analyzer")),
		json_string_value(json_object_get(analysis, "ResultField")));
}

/* What AWS shows of {"XExpression": {"Evaluate", "Operator", "Values"}}. */
static json_t *
expression(const json_t *condition)
{
	const json_t *x = json_object_iter_value(json_object_iter((json_t *)condition)),
		     *evaluate = json_object_get(x, "Evaluate"),
		     *in_list = json_object_get(evaluate, "IsInAddressList"),
		     *analysis = json_object_get(evaluate, "Analysis");
	json_t *one = json_object_get(x, "Value"), *values = json_object_get(x, "Values"),
	       *out = json_object();
	if (in_list)
		values = json_object_get(in_list, "AddressLists");
	if (analysis)
		json_object_set_new(out, "attribute", analysis_name(analysis));
	else
		json_object_set(out, "attribute",
			json_object_get(in_list ? in_list : evaluate, "Attribute"));
	json_object_set(out, "operator", json_object_get(x, "Operator"));
	if (values)
		json_object_set(out, "value", values);
	else
		json_object_set_new(out, "value", one ? json_pack("[O]", one) : json_array());
	return out;
}

/* Adds what statement i came to; returns whether it holds. */
static bool
add_statement(json_t *list, const struct policy *p, size_t i, struct facts *f)
{
	const struct statement *s = &p->statements[i];
	const json_t *json = json_object_get(
		json_array_get(json_object_get(p->json, "PolicyStatements"), i), "Conditions");
	json_t *conditions = json_array();
	bool all = true;
	for (size_t c = 0; c < s->conditions.n; c++) {
		bool holds = condition_match(conditions_at(&s->conditions, c), f, NULL);
		all &= holds;
		json_array_append_new(conditions, json_pack("{s:o,s:b}", "expression",
							  expression(json_array_get(json, c)),
							  "expressionResult", holds));
	}
	json_array_append_new(
		list, json_pack("{s:o,s:o,s:b}", "action", action(s->allow), "conditions",
			      conditions, "policyStatementMatched", all));
	return all;
}

static void
add_statements(json_t *list, const struct policy *p, struct facts *f)
{
	static const bool order[] = {false, true}; /* as policy_decide() does */
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < p->nstatements; i++)
			if (p->statements[i].allow == order[pass] &&
				add_statement(list, p, i, f))
				return;
}

static json_t *
evaluation(const struct policy *p, const struct decision *d, struct facts *f, uint64_t size)
{
	json_t *list = json_array();
	add_statements(list, p, f);
	if (d->by_default)
		json_array_append_new(
			list, json_pack("{s:o,s:b,s:s,s:s}", "action", action(d->allow),
				      "policyStatementMatched", true, "type", "DefaultAction",
				      "scope", "Recipient"));
	if (size)
		json_array_append_new(list,
			json_pack("{s:o,s:I,s:I,s:s}", "action", action(false),
				"allowedMessageSize", (json_int_t)p->max_size,
				"receivedMessageSize", (json_int_t)size, "scope", "Data"));
	return list;
}

static struct str
session_of(const struct record *r)
{
	struct str session = record_get(r, "session");
	return session.p ? session : record_get(r, "id");
}

void
debug_log(const struct policy *p, const struct decision *d, struct facts *f, uint64_t size)
{
	const struct record *r = f->rec;
	struct values recipient = facts_texts(f, FACT_RECIPIENT, NULL);
	json_t *out = event_new();
	event_add_field(out, "ingress_point_id", r, "ingress");
	event_add(out, "ingress_point_session_id", session_of(r));
	json_object_set_new(out, "traffic_policy_id", json_string(p->id));
	json_object_set_new(out, "traffic_policy_evaluation", evaluation(p, d, f, size));
	json_object_set_new(out, "traffic_policy_verdict",
		json_string(d->allow && !size ? "ACCEPT" : "REJECT"));
	event_add_client(out, r);
	if (recipient.n)
		event_add(out, "recipient", recipient.list[0].text);
	event_write(out);
}
