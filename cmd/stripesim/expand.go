package stripesim

import (
	"encoding/json"
	"strings"
)

// expanded is an answer with the objects in it that expand[] asked for. Lists are expanded row by row: data.customer.
func (c *call) expanded(object any) (any, error) {
	if len(c.expand) == 0 {
		return object, nil
	}
	tree, err := generic(object)
	if err != nil {
		return nil, err
	}
	for _, path := range c.expand {
		if !c.expandAt(tree, strings.Split(path, ".")) {
			c.s.doesNotKnow("expand " + path)
			return nil, refuse("", "expand", "This property cannot be expanded (%s).", path)
		}
	}
	return tree, nil
}

// generic is an object as maps and lists.
func generic(object any) (tree any, err error) {
	raw, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	return tree, json.Unmarshal(raw, &tree)
}

// expandAt follows a path, and says whether it leads anywhere. A null on the way is fine.
func (c *call) expandAt(tree any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	switch node := tree.(type) {
	case []any:
		for n, row := range node {
			if id, isID := row.(string); isID {
				row, _ = generic(c.find(id))
				node[n] = row
			}
			if !c.expandAt(row, path) {
				return false
			}
		}
		return true
	case map[string]any:
		field, there := node[path[0]]
		if !there {
			field, there = c.included(node, path[0])
			if !there {
				return node["deleted"] == true
			}
			node[path[0]] = field
		}
		if id, isID := field.(string); isID {
			found := c.find(id)
			if found == nil {
				return false
			}
			field, _ = generic(found)
			node[path[0]] = field
		}
		if ids, isList := field.([]any); isList && len(path) == 1 {
			for n, id := range ids {
				if id, isID := id.(string); isID {
					ids[n], _ = generic(c.find(id))
				}
			}
		}
		return c.expandAt(field, path[1:])
	}
	return tree == nil
}

// included is what an object carries only when it is asked for.
func (c *call) included(node map[string]any, field string) (any, bool) {
	id, _ := node["id"].(string)
	var value any
	switch kind, _ := node["object"].(string); kind + "." + field {
	case "checkout.session.line_items":
		value = newList("/v1/checkout/sessions/"+id+"/line_items", c.sessions.get(id).lines)
	case "charge.refunds":
		value = newList("/v1/charges/"+id+"/refunds", c.refundsOf(id))
	case "customer.subscriptions":
		value = newList("/v1/customers/"+id+"/subscriptions", c.livingSubscriptionsOf(id))
	case "coupon.applies_to":
		value = nil
	default:
		return nil, false
	}
	tree, err := generic(value)
	return tree, err == nil
}
