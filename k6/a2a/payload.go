package a2a

import (
	"bytes"
	"encoding/json"
)

// What is read of an answer: enough to tell whether it is one, and how far the task is. Everything else is skipped.
type (
	taskStatus struct {
		State string `json:"state"`
	}
	task struct {
		ID        string      `json:"id"`
		ContextID string      `json:"contextId"`
		Status    *taskStatus `json:"status"`
	}
	message struct {
		MessageID string `json:"messageId"`
		TaskID    string `json:"taskId"`
		ContextID string `json:"contextId"`
	}
	statusUpdate struct {
		TaskID    string      `json:"taskId"`
		ContextID string      `json:"contextId"`
		Status    *taskStatus `json:"status"`
	}
	artifactUpdate struct {
		TaskID    string `json:"taskId"`
		ContextID string `json:"contextId"`
		Artifact  *struct {
			ArtifactID string `json:"artifactId"`
		} `json:"artifact"`
	}
	// One item of a stream (§3.2.3), or what a send is answered with (§3.1.1).
	payload struct {
		Task           *task           `json:"task"`
		Message        *message        `json:"message"`
		StatusUpdate   *statusUpdate   `json:"statusUpdate"`
		ArtifactUpdate *artifactUpdate `json:"artifactUpdate"`
	}
	rpcError struct {
		Code    *int   `json:"code"`
		Message string `json:"message"`
	}
	// A stream's envelope is read in one pass together with what it holds.
	rpcEvent struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Result  *payload        `json:"result"`
		Error   *rpcError       `json:"error"`
	}
	rpcAnswer struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Result  json.RawMessage `json:"result"`
		Error   *rpcError       `json:"error"`
	}
	restError struct {
		Error *struct {
			Status  string `json:"status"`
			Message string `json:"message"`
			Details []struct {
				Type   string `json:"@type"`
				Reason string `json:"reason"`
			} `json:"details"`
		} `json:"error"`
		Type string `json:"type"`
	}
)

// known is what an answer told of the task that it is about.
type known struct {
	taskID, contextID, state string
	// A Message is an answer that needs no task (§3.1.1).
	isMessage bool
}

// isOver says that the agent has nothing more to do: the task has ended, or waits for its user (§3.1.2, §3.2.2).
func (k known) isOver() bool {
	switch k.state {
	case "TASK_STATE_INPUT_REQUIRED", "TASK_STATE_AUTH_REQUIRED":
		return true
	}
	return k.isMessage || k.terminalState() != ""
}

// terminalState is empty unless the task has ended (§4.1.3). Only these become tags: an agent may send any word for a state, and each
// would be a series of its own.
func (k known) terminalState() string {
	switch k.state {
	case "TASK_STATE_COMPLETED", "TASK_STATE_FAILED", "TASK_STATE_CANCELED", "TASK_STATE_REJECTED":
		return k.state
	}
	return ""
}

func (k *known) learn(taskID, contextID string, status *taskStatus) {
	if taskID != "" {
		k.taskID = taskID
	}
	if contextID != "" {
		k.contextID = contextID
	}
	if status != nil {
		k.state = status.State
	}
}

func junk(what string) *callError {
	return failure("junk-answer", 0, "The agent answered with "+what)
}

func (k *known) takeTask(t *task) error {
	if t == nil || t.ID == "" || t.Status == nil {
		return junk("a Task without id or status")
	}
	k.learn(t.ID, t.ContextID, t.Status)
	return nil
}

// take reads one item of a stream, or the answer to a send, where an update is junk.
func (k *known) take(p *payload, isEvent bool) error {
	switch {
	case p == nil:
	case p.Task != nil:
		return k.takeTask(p.Task)
	case p.Message != nil:
		if p.Message.MessageID == "" {
			return junk("a Message without messageId")
		}
		k.isMessage = true
		k.learn(p.Message.TaskID, p.Message.ContextID, nil)
		return nil
	case !isEvent:
	case p.StatusUpdate != nil:
		if p.StatusUpdate.TaskID == "" || p.StatusUpdate.Status == nil {
			return junk("a TaskStatusUpdateEvent without taskId or status")
		}
		k.learn(p.StatusUpdate.TaskID, p.StatusUpdate.ContextID, p.StatusUpdate.Status)
		return nil
	case p.ArtifactUpdate != nil:
		u := p.ArtifactUpdate
		if u.TaskID == "" || u.Artifact == nil || u.Artifact.ArtifactID == "" {
			return junk("a TaskArtifactUpdateEvent without taskId or artifact.artifactId")
		}
		k.learn(u.TaskID, u.ContextID, nil)
		return nil
	}
	if isEvent {
		return junk("an event with neither task, message, statusUpdate nor artifactUpdate")
	}
	return junk("neither a task nor a message")
}

func rpcFailure(e *rpcError) *callError {
	if e.Code == nil {
		return junk("an error without a code")
	}
	name, isKnown := nameOfRPCCode[*e.Code]
	if !isKnown {
		name = "OtherProtocolError"
	}
	return failure(name, *e.Code, e.Message)
}

// restFailure is nothing where the body names no error of the protocol. Within a stream there is no status that says anything.
func restFailure(body []byte, status int, inStream bool) *callError {
	var told restError
	if json.Unmarshal(body, &told) != nil {
		return nil
	}
	if told.Error == nil {
		if !inStream && bytes.HasSuffix([]byte(told.Type), []byte("/task-not-found")) {
			return failure("TaskNotFoundError", status, string(body))
		}
		return nil
	}
	for _, detail := range told.Error.Details {
		if name, isKnown := nameOfReason[detail.Reason]; isKnown && detail.Type == "type.googleapis.com/google.rpc.ErrorInfo" {
			return failure(name, status, told.Error.Message)
		}
	}
	switch {
	case inStream:
		return failure("InternalError", status, told.Error.Message)
	case told.Error.Status == "NOT_FOUND":
		return failure("TaskNotFoundError", status, told.Error.Message)
	case told.Error.Status == "INTERNAL", told.Error.Status == "UNKNOWN":
		return failure("InternalError", status, told.Error.Message)
	}
	return nil
}
