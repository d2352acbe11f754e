package handlers

import (
	"atrium/queries"
)

// importStage is what can be done with an import, as its tasks tell.
type importStage struct {
	open    *queries.ImportTasksRow // what is being done right now
	check   *queries.ImportTasksRow // the newest check, when it is done
	runs    int                     // real runs so far
	counts  queries.TaskCounts      // of all that is known: the check's, and from a real run on what that did
	left    int64                   // rows that would change something and are not done
	problem string
}

// stageOf reads the tasks, newest first: those of the real run, and before them the check they follow. An import that enrols has something
// to do for contacts who stay as they are as well.
func stageOf(tasks []queries.ImportTasksRow, enrols bool) (stage importStage, err error) {
	stage.counts = queries.TaskCounts{}
	if len(tasks) == 0 {
		return stage, nil
	}
	if tasks[0].FinishedAt == nil {
		stage.open = &tasks[0]
	}
	stage.problem = tasks[0].Problem
	done := int64(0)
	for n := range tasks {
		t := &tasks[n]
		counts, err := queries.ParseTaskCounts(t.Counts)
		if err != nil {
			return stage, err
		}
		if t.Kind == queries.TaskKindImport {
			stage.runs++
			done += t.Done
			stage.add(counts)
			continue
		}
		if t.State == queries.TaskStateDone {
			stage.check = t
			stage.left = -done
			for _, outcome := range worked(enrols) {
				stage.left += counts[outcome]
			}
		}
		if stage.runs > 0 { // what the real run did stands in its own counts
			for _, outcome := range worked(enrols) {
				delete(counts, outcome)
			}
		}
		stage.add(counts)
		return stage, nil
	}
	return stage, nil
}

// worked are the outcomes of a check that the real run takes up.
func worked(enrols bool) []queries.TaskOutcome {
	outcomes := []queries.TaskOutcome{queries.TaskOutcomeNew, queries.TaskOutcomeUpdated}
	if enrols {
		outcomes = append(outcomes, queries.TaskOutcomeSame)
	}
	return outcomes
}

func (s *importStage) add(counts queries.TaskCounts) {
	for outcome, n := range counts {
		s.counts[outcome] += n
	}
}

// state is the stage in a word.
func (s *importStage) state() contactState {
	kind, state := queries.TaskKind(""), queries.TaskState("")
	switch {
	case s.open != nil:
		kind, state = s.open.Kind, s.open.State
	case s.runs > 0 && s.left == 0:
		kind, state = queries.TaskKindImport, queries.TaskStateDone
	case s.runs > 0:
		kind = queries.TaskKindImport
	case s.check != nil:
		state = queries.TaskStateDone
	}
	word, _ := importListState(kind, state, nil)
	return word
}
