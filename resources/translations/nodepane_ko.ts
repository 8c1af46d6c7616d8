<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko">
<context>
    <name>Actions</name>
    <message>
        <source>Scan all</source>
        <translation>모두 검사</translation>
    </message>
    <message>
        <source>Read all nodes</source>
        <translation>모든 노드 읽기</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translation>모두 중지</translation>
    </message>
    <message>
        <source>Stop all scans</source>
        <translation>모든 검사 중지</translation>
    </message>
    <message>
        <source>Scan again</source>
        <translation>다시 검사</translation>
    </message>
    <message>
        <source>Read this node again</source>
        <translation>이 노드 다시 읽기</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>Stop this node&apos;s scan</source>
        <translation>이 노드의 검사 중지</translation>
    </message>
    <message>
        <source>Add node…</source>
        <translation>노드 추가…</translation>
    </message>
    <message>
        <source>Add a Windows node</source>
        <translation>Windows 노드 추가</translation>
    </message>
    <message>
        <source>Edit node…</source>
        <translation>노드 편집…</translation>
    </message>
    <message>
        <source>Change how this node is reached</source>
        <translation>이 노드에 연결하는 방법 바꾸기</translation>
    </message>
    <message>
        <source>Remove node…</source>
        <translation>노드 제거…</translation>
    </message>
    <message>
        <source>Take this node off the list; nothing changes on the node itself</source>
        <translation>목록에서 이 노드를 뺍니다. 노드 자체는 바뀌지 않습니다</translation>
    </message>
    <message>
        <source>Undo the last change…</source>
        <translation>마지막 변경 되돌리기…</translation>
    </message>
    <message>
        <source>Put back what the last fix on this node replaced</source>
        <translation>이 노드에서 마지막 수정이 바꾼 것을 되돌립니다</translation>
    </message>
    <message>
        <source>Cluster and paths…</source>
        <translation>클러스터와 경로…</translation>
    </message>
    <message>
        <source>What is known of this node&apos;s cluster, layout and paths, and where it comes from</source>
        <translation>이 노드의 클러스터, 구성 방식, 경로로 알려진 값과 그 출처</translation>
    </message>
    <message>
        <source>Open the demo</source>
        <translation>데모 열기</translation>
    </message>
    <message>
        <source>Look around on simulated nodes</source>
        <translation>시뮬레이션 노드로 둘러보기</translation>
    </message>
    <message>
        <source>Import a node list…</source>
        <translation>노드 목록 가져오기…</translation>
    </message>
    <message>
        <source>Read nodes from a YAML file</source>
        <translation>YAML 파일에서 노드 읽기</translation>
    </message>
    <message>
        <source>History</source>
        <translation>기록</translation>
    </message>
    <message>
        <source>What has been changed from here, and the way back</source>
        <translation>여기에서 변경한 것과 되돌리는 방법</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>보고서…</translation>
    </message>
    <message>
        <source>Read, copy or save what the scans found</source>
        <translation>검사 결과를 읽거나 복사하거나 저장</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>찾기</translation>
    </message>
    <message>
        <source>Find a node or check</source>
        <translation>노드나 점검 찾기</translation>
    </message>
    <message>
        <source>Show everything</source>
        <translation>모두 표시</translation>
    </message>
    <message>
        <source>Clear the search and the filter</source>
        <translation>찾기와 필터 지우기</translation>
    </message>
    <message>
        <source>Copy finding</source>
        <translation>결과 복사</translation>
    </message>
    <message>
        <source>Copy the whole finding as text</source>
        <translation>결과 전체를 텍스트로 복사</translation>
    </message>
    <message>
        <source>Copy row</source>
        <translation>행 복사</translation>
    </message>
    <message>
        <source>Copy verdict, statement and value</source>
        <translation>판정, 내용, 값 복사</translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation>주소 복사</translation>
    </message>
    <message>
        <source>Copy the node&apos;s address</source>
        <translation>노드 주소 복사</translation>
    </message>
    <message>
        <source>Next pane</source>
        <translation>다음 창</translation>
    </message>
    <message>
        <source>Move between nodes, checklist and finding</source>
        <translation>노드, 점검 목록, 결과 사이 이동</translation>
    </message>
    <message>
        <source>Further help…</source>
        <translation>추가 도움말…</translation>
    </message>
    <message>
        <source>Where to ask when nothing here helped</source>
        <translation>여기서 해결되지 않을 때 물어볼 곳</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>끝내기</translation>
    </message>
    <message>
        <source>Close Nodepane</source>
        <translation>Nodepane 닫기</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>시스템 설정에 따름</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>밝게</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>어둡게</translation>
    </message>
</context>
<context>
    <name>ChangePage</name>
    <message>
        <source>By {person} from {computer}, on {node} ({address})</source>
        <translation>{computer}의 {person}, 대상 {node} ({address})</translation>
    </message>
    <message>
        <source>{label}: nothing</source>
        <translation>{label}: 없음</translation>
    </message>
    <message>
        <source>Backup on the node: {folder}</source>
        <translation>노드의 백업: {folder}</translation>
    </message>
    <message>
        <source>Receipt {id}</source>
        <translation>기록 {id}</translation>
    </message>
</context>
<context>
    <name>ChangeWords</name>
    <message>
        <source>Undo: {outcome}.</source>
        <translation>되돌리기: {outcome}.</translation>
    </message>
    <message>
        <source>Applied: {outcome}.</source>
        <translation>적용: {outcome}.</translation>
    </message>
    <message>
        <source>can be undone</source>
        <translation>되돌릴 수 있음</translation>
    </message>
    <message>
        <source>all can be undone</source>
        <translation>모두 되돌릴 수 있음</translation>
    </message>
    <message>
        <source>{count} can be undone</source>
        <translation>{count}건 되돌릴 수 있음</translation>
    </message>
    <message>
        <source>none to undo</source>
        <translation>되돌릴 것 없음</translation>
    </message>
    <message>
        <source>Journal: 1 change</source>
        <translation>변경 기록: 1건</translation>
    </message>
    <message>
        <source>Journal: {count} changes</source>
        <translation>변경 기록: {count}건</translation>
    </message>
</context>
<context>
    <name>ChecklistHead</name>
    <message>
        <source>More for this node</source>
        <translation>이 노드에 대한 더 많은 작업</translation>
    </message>
    <message>
        <source>Cluster…</source>
        <translation>클러스터…</translation>
    </message>
    <message>
        <source>All {count}</source>
        <translation>전체 {count}</translation>
    </message>
    <message>
        <source>Fails {count}</source>
        <translation>실패 {count}</translation>
    </message>
    <message>
        <source>Warnings {count}</source>
        <translation>경고 {count}</translation>
    </message>
    <message>
        <source>Unknown {count}</source>
        <translation>알 수 없음 {count}</translation>
    </message>
    <message>
        <source>Can be fixed {count}</source>
        <translation>고칠 수 있음 {count}</translation>
    </message>
    <message>
        <source>Show: {filter}</source>
        <translation>표시: {filter}</translation>
    </message>
</context>
<context>
    <name>ChecklistModel</name>
    <message>
        <source>follows from: {cause}</source>
        <translation>원인: {cause}</translation>
    </message>
    <message>
        <source>checking</source>
        <translation>확인 중</translation>
    </message>
    <message>
        <source>can be fixed</source>
        <translation>고칠 수 있음</translation>
    </message>
    <message>
        <source>Not answered yet</source>
        <translation>아직 응답 없음</translation>
    </message>
</context>
<context>
    <name>ChecklistPage</name>
    <message>
        <source>No node chosen</source>
        <translation>선택한 노드 없음</translation>
    </message>
    <message>
        <source>Choose a node on the left.</source>
        <translation>왼쪽에서 노드를 선택하세요.</translation>
    </message>
    <message>
        <source>Nothing here with this filter</source>
        <translation>이 필터에 해당하는 것이 없습니다</translation>
    </message>
    <message>
        <source>No check holds “{text}”</source>
        <translation>“{text}”이(가) 들어 있는 점검이 없습니다</translation>
    </message>
    <message>
        <source>{name} has {count} checks in all.</source>
        <translation>{name}의 점검은 모두 {count}개입니다.</translation>
    </message>
    <message>
        <source>{name} is waiting for its turn</source>
        <translation>{name} 노드가 차례를 기다리고 있습니다</translation>
    </message>
    <message>
        <source>Other nodes are being read. This one starts by itself.</source>
        <translation>다른 노드를 읽고 있습니다. 이 노드는 자동으로 시작됩니다.</translation>
    </message>
    <message>
        <source>Reading {name}</source>
        <translation>{name} 읽는 중</translation>
    </message>
    <message>
        <source>Findings appear here as the node answers.</source>
        <translation>노드가 응답하는 대로 결과가 여기에 나타납니다.</translation>
    </message>
    <message>
        <source>The scan was stopped</source>
        <translation>검사를 중지했습니다</translation>
    </message>
    <message>
        <source>Nothing was read before that.</source>
        <translation>그 전에 읽은 것이 없습니다.</translation>
    </message>
    <message>
        <source>{name} has not been scanned yet</source>
        <translation>{name} 노드를 아직 검사하지 않았습니다</translation>
    </message>
    <message>
        <source>A scan only reads: nothing is changed on the node.</source>
        <translation>검사는 읽기만 합니다. 노드에서 아무것도 바꾸지 않습니다.</translation>
    </message>
    <message>
        <source>Scan this node</source>
        <translation>이 노드 검사</translation>
    </message>
    <message>
        <source>No checks</source>
        <translation>점검 없음</translation>
    </message>
    <message>
        <source>The scan ended without findings.</source>
        <translation>결과 없이 검사가 끝났습니다.</translation>
    </message>
</context>
<context>
    <name>ChecklistRows</name>
    <message>
        <source>Checklist</source>
        <translation>점검 목록</translation>
    </message>
</context>
<context>
    <name>ConfirmDialog</name>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
</context>
<context>
    <name>ConnectDialog</name>
    <message>
        <source>Change {node}</source>
        <translation>{node} 편집</translation>
    </message>
    <message>
        <source>Add a node</source>
        <translation>노드 추가</translation>
    </message>
    <message>
        <source>Keep this fingerprint</source>
        <translation>이 지문 저장</translation>
    </message>
    <message>
        <source>Test the connection</source>
        <translation>연결 시험</translation>
    </message>
    <message>
        <source>Copy for support</source>
        <translation>지원용으로 복사</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>저장</translation>
    </message>
    <message>
        <source>Add node</source>
        <translation>노드 추가</translation>
    </message>
    <message>
        <source>Test again</source>
        <translation>다시 시험</translation>
    </message>
    <message>
        <source>Asking {node} for its certificate…</source>
        <translation>{node}에 인증서를 요청하는 중…</translation>
    </message>
    <message>
        <source>&lt;b&gt;Compare before you keep it.&lt;/b&gt; The node shows this certificate now (SHA-256). Keep it only if it is the one that the node&apos;s administrator names:</source>
        <translation>&lt;b&gt;저장하기 전에 비교하세요.&lt;/b&gt; 노드가 지금 보여 주는 인증서입니다(SHA-256). 노드 관리자가 알려 준 것과 같을 때만 저장하세요:</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Something unexpected happened</source>
        <translation>예상하지 못한 일이 생겼습니다</translation>
    </message>
    <message>
        <source>Something unexpected happened in Nodepane.</source>
        <translation>Nodepane에 예상하지 못한 일이 생겼습니다.</translation>
    </message>
    <message>
        <source>This is a fault of Nodepane, not of a node. Nothing is sent to a node because of it. You can go on; if something looks wrong, start Nodepane again. The report below tells developers what happened; it holds no passwords.</source>
        <translation>노드가 아니라 Nodepane의 문제입니다. 이 때문에 노드에 보내는 것은 없습니다. 계속할 수 있으며, 이상하면 Nodepane을 다시 시작하세요. 아래 보고서는 무슨 일이 있었는지 개발자에게 알려 주며 비밀번호는 들어 있지 않습니다.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>보고서</translation>
    </message>
    <message>
        <source>Copy the report</source>
        <translation>보고서 복사</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>계속</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Nothing to undo on {node}.</source>
        <translation>{node}에 되돌릴 것이 없습니다.</translation>
    </message>
    <message>
        <source>A change is running on a node. Try again when it is done.</source>
        <translation>노드에서 변경이 실행되고 있습니다. 끝난 뒤 다시 시도하세요.</translation>
    </message>
    <message>
        <source>The journal can&apos;t be read</source>
        <translation>변경 기록을 읽을 수 없습니다</translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message>
        <source>Details</source>
        <translation>자세히 보기</translation>
    </message>
    <message>
        <source>Copy for support</source>
        <translation>지원용으로 복사</translation>
    </message>
</context>
<context>
    <name>ErrorDialog</name>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
</context>
<context>
    <name>EvidenceRow</name>
    <message>
        <source>Source</source>
        <translation>출처</translation>
    </message>
    <message>
        <source>Read {time}</source>
        <translation>{time}에 읽음</translation>
    </message>
    <message>
        <source>read {ago}</source>
        <translation>{ago} 읽음</translation>
    </message>
    <message>
        <source>Copy value</source>
        <translation>값 복사</translation>
    </message>
    <message>
        <source>Copy source</source>
        <translation>출처 복사</translation>
    </message>
    <message>
        <source>Copy row</source>
        <translation>행 복사</translation>
    </message>
</context>
<context>
    <name>FindingPanel</name>
    <message>
        <source>No check chosen</source>
        <translation>선택한 점검 없음</translation>
    </message>
    <message>
        <source>Choose a check to see what was found and what to do.</source>
        <translation>무엇을 확인했고 무엇을 해야 하는지 보려면 점검을 선택하세요.</translation>
    </message>
    <message>
        <source>Not answered yet</source>
        <translation>아직 응답 없음</translation>
    </message>
    <message>
        <source>“{check}”: what was found is explained here, once it is known.</source>
        <translation>“{check}” 점검의 결과가 나오면 여기에서 설명합니다.</translation>
    </message>
    <message>
        <source>No findings</source>
        <translation>결과 없음</translation>
    </message>
    <message>
        <source>They come once {node} can be read.</source>
        <translation>{node}을(를) 읽을 수 있게 되면 나타납니다.</translation>
    </message>
    <message>
        <source>No findings yet</source>
        <translation>아직 결과 없음</translation>
    </message>
    <message>
        <source>What a scan finds is explained here, check by check.</source>
        <translation>검사에서 찾은 것을 점검마다 여기에서 설명합니다.</translation>
    </message>
</context>
<context>
    <name>FindingStory</name>
    <message>
        <source>What we saw</source>
        <translation>확인한 내용</translation>
    </message>
    <message>
        <source>What breaks</source>
        <translation>생기는 문제</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>근거</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>할 일</translation>
    </message>
    <message>
        <source>Check by hand</source>
        <translation>직접 확인하기</translation>
    </message>
    <message>
        <source>Copy the whole finding as text</source>
        <translation>결과 전체를 텍스트로 복사</translation>
    </message>
    <message>
        <source>Back to the checklist</source>
        <translation>점검 목록으로</translation>
    </message>
    <message>
        <source>Learn more</source>
        <translation>더 알아보기</translation>
    </message>
    <message>
        <source>Follows from: {cause}</source>
        <translation>원인: {cause}</translation>
    </message>
</context>
<context>
    <name>FixDialog</name>
    <message>
        <source>{fix} on {node}</source>
        <translation>{node}: {fix}</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>검토</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>적용</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>결과</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>선택</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>다시 시도</translation>
    </message>
    <message>
        <source>Working</source>
        <translation>작업 중</translation>
    </message>
    <message>
        <source>Show the script</source>
        <translation>스크립트 보기</translation>
    </message>
    <message>
        <source>Save as .ps1…</source>
        <translation>.ps1로 저장…</translation>
    </message>
    <message>
        <source>Change values</source>
        <translation>값 바꾸기</translation>
    </message>
    <message>
        <source>Undo on {node}</source>
        <translation>{node}에서 되돌리기</translation>
    </message>
    <message>
        <source>Review the plan</source>
        <translation>계획 검토</translation>
    </message>
    <message>
        <source>{verb} on {node}</source>
        <translation>{node}: {verb}</translation>
    </message>
    <message>
        <source>Reading {node}</source>
        <translation>{node} 읽는 중</translation>
    </message>
    <message>
        <source>Rehearsing on {node}</source>
        <translation>{node}에서 예행하는 중</translation>
    </message>
    <message>
        <source>The plan is made from how the node is now. Nothing is changed by this.</source>
        <translation>노드의 지금 상태로 계획을 만듭니다. 이것으로 바뀌는 것은 없습니다.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>숨기기</translation>
    </message>
    <message>
        <source>The change goes on; open the fix again to see how far it is.</source>
        <translation>변경은 계속됩니다. 어디까지 되었는지 보려면 수정을 다시 여세요.</translation>
    </message>
</context>
<context>
    <name>FixPlanPage</name>
    <message>
        <source>This can cut the connection to the node. Type its name to go on: {node}</source>
        <translation>노드와의 연결이 끊어질 수 있습니다. 계속하려면 노드 이름을 입력하세요: {node}</translation>
    </message>
    <message>
        <source>Name of the node</source>
        <translation>노드 이름</translation>
    </message>
    <message>
        <source>What stops, and for how long.</source>
        <translation>무엇이 얼마나 멈추는지.</translation>
    </message>
    <message>
        <source>put back</source>
        <translation>되돌림</translation>
    </message>
    <message>
        <source>Take back: {step}</source>
        <translation>되돌리기: {step}</translation>
    </message>
    <message>
        <source>Nothing to change.</source>
        <translation>바꿀 것이 없습니다.</translation>
    </message>
    <message>
        <source>{node} is already as this fix would leave it.</source>
        <translation>{node} 노드는 이미 이 수정을 마친 상태와 같습니다.</translation>
    </message>
    <message>
        <source>Can be undone.</source>
        <translation>되돌릴 수 있습니다.</translation>
    </message>
    <message>
        <source>Cannot be undone.</source>
        <translation>되돌릴 수 없습니다.</translation>
    </message>
    <message>
        <source>Nothing on the node has been changed so far.</source>
        <translation>지금까지 노드에서 바뀐 것은 없습니다.</translation>
    </message>
    <message>
        <source>&lt;b&gt;Working.&lt;/b&gt; Each step shows how far it is.</source>
        <translation>&lt;b&gt;작업 중입니다.&lt;/b&gt; 단계마다 진행 상태가 표시됩니다.</translation>
    </message>
    <message>
        <source>&lt;b&gt;Undoing.&lt;/b&gt; What stood there before is put back.</source>
        <translation>&lt;b&gt;되돌리는 중입니다.&lt;/b&gt; 이전에 있던 것을 되돌려 놓습니다.</translation>
    </message>
    <message>
        <source>All steps were done. What the plan warned of is left: {warning}</source>
        <translation>모든 단계를 마쳤습니다. 계획에서 미리 알린 점은 그대로 남아 있습니다. {warning}</translation>
    </message>
    <message>
        <source>Fixed.</source>
        <translation>고쳐졌습니다.</translation>
    </message>
    <message>
        <source>All steps were done, and the checks pass now.</source>
        <translation>모든 단계를 마쳤고 이제 점검을 통과합니다.</translation>
    </message>
    <message>
        <source>Nothing had to be changed.</source>
        <translation>바꿀 것이 없었습니다.</translation>
    </message>
    <message>
        <source>The node is already as this fix would leave it.</source>
        <translation>노드가 이미 이 수정을 마친 상태와 같습니다.</translation>
    </message>
    <message>
        <source>Undone.</source>
        <translation>되돌렸습니다.</translation>
    </message>
    <message>
        <source>What stood there before is back.</source>
        <translation>이전에 있던 것이 돌아왔습니다.</translation>
    </message>
    <message>
        <source>Done, but not fixed yet.</source>
        <translation>마쳤지만 아직 고쳐지지 않았습니다.</translation>
    </message>
    <message>
        <source>All steps were done, and the node was given time to settle, but not every check passes. Scan again in a minute; if it stays so, read the findings, or undo.</source>
        <translation>모든 단계를 마치고 노드가 안정되기를 기다렸지만 통과하지 못한 점검이 있습니다. 1분 뒤 다시 검사하세요. 그대로라면 결과를 읽거나 되돌리세요.</translation>
    </message>
    <message>
        <source>Not everything could be put back.</source>
        <translation>모두 되돌리지는 못했습니다.</translation>
    </message>
    <message>
        <source>One step failed; its message stands beside it. The backup on the node still holds what was there.</source>
        <translation>한 단계가 실패했습니다. 내용은 그 옆에 있습니다. 이전에 있던 것은 노드의 백업에 남아 있습니다.</translation>
    </message>
    <message>
        <source>A step failed.</source>
        <translation>한 단계가 실패했습니다.</translation>
    </message>
    <message>
        <source>Its message stands beside it. Steps before it were done, steps after it were not. Undo puts back what was done.</source>
        <translation>내용은 그 옆에 있습니다. 그 앞의 단계는 실행되었고 뒤의 단계는 실행되지 않았습니다. 되돌리면 실행된 것을 되돌려 놓습니다.</translation>
    </message>
    <message>
        <source>It is not known what happened.</source>
        <translation>무슨 일이 있었는지 알 수 없습니다.</translation>
    </message>
    <message>
        <source>The change was sent once, and its answer was lost. It is not sent again. Scan the node to see how it is, then rehearse anew if that is still needed.</source>
        <translation>변경을 한 번 보냈지만 응답을 받지 못했습니다. 다시 보내지 않습니다. 노드를 검사해 상태를 확인하고, 아직 필요하면 새로 예행하세요.</translation>
    </message>
    <message>
        <source>Receipt {id}</source>
        <translation>기록 {id}</translation>
    </message>
    <message>
        <source>backup on the node: {folder}</source>
        <translation>노드의 백업: {folder}</translation>
    </message>
</context>
<context>
    <name>HelpDialog</name>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
</context>
<context>
    <name>HistoryDialog</name>
    <message>
        <source>History</source>
        <translation>기록</translation>
    </message>
    <message>
        <source>Changes, newest first</source>
        <translation>변경 목록, 최근 것부터</translation>
    </message>
    <message>
        <source>Nothing has been changed yet</source>
        <translation>아직 변경한 것이 없습니다</translation>
    </message>
    <message>
        <source>Every fix that is applied from here is written down, with what stood there before and how to go back.</source>
        <translation>여기에서 적용한 모든 수정을 이전 상태와 되돌리는 방법과 함께 기록합니다.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>복사</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Undo on {node}…</source>
        <translation>{node}에서 되돌리기…</translation>
    </message>
</context>
<context>
    <name>NodeDesk</name>
    <message>
        <source>Remove {node} from the list?</source>
        <translation>{node} 노드를 목록에서 제거할까요?</translation>
    </message>
    <message>
        <source>Remove {node}</source>
        <translation>{node} 제거</translation>
    </message>
    <message>
        <source>Its password is kept: another node of the list has it too. Nothing changes on the node itself.</source>
        <translation>목록의 다른 노드도 같은 비밀번호를 쓰므로 비밀번호는 남겨 둡니다. 노드 자체는 바뀌지 않습니다.</translation>
    </message>
    <message>
        <source>Its password is removed from this computer&apos;s keyring. Nothing changes on the node itself.</source>
        <translation>이 컴퓨터의 자격 증명 저장소에서 비밀번호가 지워집니다. 노드 자체는 바뀌지 않습니다.</translation>
    </message>
    <message>
        <source>Import a node list</source>
        <translation>노드 목록 가져오기</translation>
    </message>
    <message>
        <source>1 node added.</source>
        <translation>노드 1개를 추가했습니다.</translation>
    </message>
    <message>
        <source>{count} nodes added.</source>
        <translation>노드 {count}개를 추가했습니다.</translation>
    </message>
    <message>
        <source>In the list already: {names}.</source>
        <translation>이미 목록에 있음: {names}.</translation>
    </message>
</context>
<context>
    <name>NodeForm</name>
    <message>
        <source>HTTPS</source>
        <translation>HTTPS</translation>
    </message>
    <message>
        <source>Keep the password in this computer&apos;s keyring</source>
        <translation>비밀번호를 이 컴퓨터의 자격 증명 저장소에 보관</translation>
    </message>
    <message>
        <source>NTLM (encrypted over HTTP, too)</source>
        <translation>NTLM(HTTP에서도 암호화됨)</translation>
    </message>
    <message>
        <source>Basic (only with HTTPS)</source>
        <translation>Basic(HTTPS에서만)</translation>
    </message>
    <message>
        <source>Ask the node…</source>
        <translation>노드에 묻기…</translation>
    </message>
    <message>
        <source>Fetch the fingerprint of the certificate that the node shows now, to compare it</source>
        <translation>노드가 지금 보여 주는 인증서의 지문을 가져와 비교합니다</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>이름</translation>
    </message>
    <message>
        <source>As you call it, e.g. worker-01</source>
        <translation>부르는 이름, 예: worker-01</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>주소</translation>
    </message>
    <message>
        <source>Host name or IP address</source>
        <translation>호스트 이름 또는 IP 주소</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>포트</translation>
    </message>
    <message>
        <source>Sign in with</source>
        <translation>로그인 방식</translation>
    </message>
    <message>
        <source>User</source>
        <translation>사용자</translation>
    </message>
    <message>
        <source>DOMAIN\name, or .\name for an account of the node</source>
        <translation>DOMAIN\name, 노드의 계정은 .\name</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>비밀번호</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>인증서</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>그룹</translation>
    </message>
    <message>
        <source>Heading in the list; may be empty</source>
        <translation>목록의 제목. 비워도 됩니다</translation>
    </message>
    <message>
        <source>Hyper-V host</source>
        <translation>Hyper-V 호스트</translation>
    </message>
    <message>
        <source>Asked about MAC spoofing; may be empty</source>
        <translation>MAC 스푸핑을 물어봅니다. 비워도 됩니다</translation>
    </message>
    <message>
        <source>User there</source>
        <translation>호스트 사용자</translation>
    </message>
    <message>
        <source>Empty: as on the node</source>
        <translation>비우면 노드와 같음</translation>
    </message>
    <message>
        <source>Password there</source>
        <translation>호스트 비밀번호</translation>
    </message>
    <message>
        <source>Empty: as it is stored, or as on the node</source>
        <translation>비우면 저장된 비밀번호 또는 노드의 비밀번호</translation>
    </message>
    <message>
        <source>Leave empty to keep the one that is stored</source>
        <translation>비워 두면 저장된 것을 그대로 씁니다</translation>
    </message>
    <message>
        <source>A name is needed.</source>
        <translation>이름이 필요합니다.</translation>
    </message>
    <message>
        <source>A node of this name is in the list already.</source>
        <translation>같은 이름의 노드가 이미 목록에 있습니다.</translation>
    </message>
    <message>
        <source>A host name or an IP address is needed.</source>
        <translation>호스트 이름이나 IP 주소가 필요합니다.</translation>
    </message>
    <message>
        <source>A port is a number from 1 to 65535; empty means {port}.</source>
        <translation>포트는 1에서 65535 사이의 숫자입니다. 비우면 {port}입니다.</translation>
    </message>
    <message>
        <source>Basic would send the password readable over HTTP. Turn on HTTPS, or use NTLM.</source>
        <translation>HTTP에서 Basic을 쓰면 비밀번호가 그대로 드러납니다. HTTPS를 켜거나 NTLM을 쓰세요.</translation>
    </message>
    <message>
        <source>A user is needed.</source>
        <translation>사용자가 필요합니다.</translation>
    </message>
    <message>
        <source>sha256: and 64 hex digits, or the path of a CA file; empty trusts the system.</source>
        <translation>sha256:과 16진수 64자리, 또는 CA 파일의 경로. 비우면 시스템을 신뢰합니다.</translation>
    </message>
    <message>
        <source>Basic would send the password readable to this host: see hyperv_host in the list.</source>
        <translation>Basic은 이 호스트로 비밀번호를 읽을 수 있게 보냅니다. 노드 목록의 hyperv_host를 확인하세요.</translation>
    </message>
    <message>
        <source>Empty: as this computer trusts; or sha256:…, or a CA file</source>
        <translation>비움: 이 컴퓨터의 신뢰에 따름. 또는 sha256:…, CA 파일</translation>
    </message>
    <message>
        <source>Only with HTTPS</source>
        <translation>HTTPS에서만</translation>
    </message>
</context>
<context>
    <name>NodeList</name>
    <message>
        <source>Nodes</source>
        <translation>노드</translation>
    </message>
</context>
<context>
    <name>NodeListModel</name>
    <message>
        <source>fails: {count}</source>
        <translation>실패: {count}</translation>
    </message>
    <message>
        <source>warnings: {count}</source>
        <translation>경고: {count}</translation>
    </message>
    <message>
        <source>Scanned {time}</source>
        <translation>{time}에 검사함</translation>
    </message>
</context>
<context>
    <name>ReportDialog</name>
    <message>
        <source>Report</source>
        <translation>보고서</translation>
    </message>
    <message>
        <source>Nodes in the report</source>
        <translation>보고서에 넣을 노드</translation>
    </message>
    <message>
        <source>All nodes</source>
        <translation>모든 노드</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>복사</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>저장…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Not scanned yet.</source>
        <translation>아직 검사하지 않았습니다.</translation>
    </message>
    <message>
        <source>Scanned {time}</source>
        <translation>{time}에 검사</translation>
    </message>
    <message>
        <source>Copied.</source>
        <translation>복사했습니다.</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>보고서 저장</translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation>텍스트 (*.txt)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Not saved: {error}</source>
        <translation>저장하지 못했습니다: {error}</translation>
    </message>
    <message>
        <source>Saved: {file}</source>
        <translation>저장했습니다: {file}</translation>
    </message>
</context>
<context>
    <name>ScriptDialog</name>
    <message>
        <source>This text goes to the node as it stands. Its inputs travel beside it as JSON and are bound by name; no value is ever pasted into it.</source>
        <translation>이 텍스트가 그대로 노드에 전달됩니다. 입력은 JSON으로 따로 전달되어 이름으로 연결되며, 텍스트 안에 끼워 넣는 값은 없습니다.</translation>
    </message>
    <message>
        <source>Script</source>
        <translation>스크립트</translation>
    </message>
    <message>
        <source>Inputs: the steps</source>
        <translation>입력: 단계</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>입력</translation>
    </message>
    <message>
        <source>Copy the script</source>
        <translation>스크립트 복사</translation>
    </message>
    <message>
        <source>Save as .ps1…</source>
        <translation>.ps1로 저장…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Copied.</source>
        <translation>복사했습니다.</translation>
    </message>
</context>
<context>
    <name>ScriptSave</name>
    <message>
        <source>Save the script</source>
        <translation>스크립트 저장</translation>
    </message>
    <message>
        <source>Not saved: {error}</source>
        <translation>저장하지 못했습니다: {error}</translation>
    </message>
    <message>
        <source>Saved: {file}</source>
        <translation>저장했습니다: {file}</translation>
    </message>
</context>
<context>
    <name>SiteDialog</name>
    <message>
        <source>Copy</source>
        <translation>복사</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Copy all rows as text</source>
        <translation>모든 행을 텍스트로 복사</translation>
    </message>
    <message>
        <source>Not scanned yet.</source>
        <translation>아직 검사하지 않았습니다.</translation>
    </message>
    <message>
        <source>Copied.</source>
        <translation>복사했습니다.</translation>
    </message>
</context>
<context>
    <name>StageList</name>
    <message>
        <source>Name is known</source>
        <translation>이름을 찾을 수 있음</translation>
    </message>
    <message>
        <source>Port answers</source>
        <translation>포트가 응답함</translation>
    </message>
    <message>
        <source>Certificate is trusted</source>
        <translation>인증서를 신뢰함</translation>
    </message>
    <message>
        <source>Sign-in is accepted</source>
        <translation>로그인이 허용됨</translation>
    </message>
    <message>
        <source>A shell opens</source>
        <translation>셸이 열림</translation>
    </message>
    <message>
        <source>PowerShell answers</source>
        <translation>PowerShell이 응답함</translation>
    </message>
    <message>
        <source>{count} ms</source>
        <translation>{count} ms</translation>
    </message>
    <message>
        <source>not reached</source>
        <translation>도달하지 않음</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Nodes scanned</source>
        <translation>검사한 노드</translation>
    </message>
    <message>
        <source>Scanning: {done} of {total} nodes</source>
        <translation>검사 중: 노드 {total}개 중 {done}개</translation>
    </message>
    <message>
        <source>{done} of {total} nodes scanned</source>
        <translation>노드 {total}개 중 {done}개 검사</translation>
    </message>
    <message>
        <source>{count} unreachable</source>
        <translation>{count}개 연결 안 됨</translation>
    </message>
</context>
<context>
    <name>Stepper</name>
    <message>
        <source>Stage {number} of {total}: {name}</source>
        <translation>{total}단계 중 {number}단계: {name}</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Find a node or check (Ctrl+F)</source>
        <translation>노드나 점검 찾기 (Ctrl+F)</translation>
    </message>
    <message>
        <source>Find a node or check</source>
        <translation>노드나 점검 찾기</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>메뉴</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>색</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>언어 (Language)</translation>
    </message>
</context>
<context>
    <name>WelcomePage</name>
    <message>
        <source>No nodes yet</source>
        <translation>아직 노드가 없습니다</translation>
    </message>
    <message>
        <source>Nodepane reads the Windows nodes of a Kubernetes cluster over WinRM, shows what is wrong and repairs it step by step. Nothing is installed on a node, and nothing is changed without your word.</source>
        <translation>Nodepane은 WinRM으로 Kubernetes 클러스터의 Windows 노드를 읽고, 무엇이 잘못되었는지 보여 주며, 단계별로 고칩니다. 노드에 아무것도 설치하지 않고, 확인 없이 아무것도 바꾸지 않습니다.</translation>
    </message>
    <message>
        <source>Simulated nodes, some of them ill, to try everything on.</source>
        <translation>모든 것을 시험해 볼 수 있는 시뮬레이션 노드입니다. 일부는 문제가 있습니다.</translation>
    </message>
    <message>
        <source>One of your nodes: its address, and an account that may sign in.</source>
        <translation>내 노드 하나: 주소와 로그인할 수 있는 계정.</translation>
    </message>
    <message>
        <source>Many nodes at once, from a YAML file with names and addresses.</source>
        <translation>이름과 주소가 있는 YAML 파일에서 여러 노드를 한 번에.</translation>
    </message>
</context>
<context>
    <name>Wording</name>
    <message>
        <source>sign-in refused</source>
        <translation>로그인 거부됨</translation>
    </message>
    <message>
        <source>not permitted</source>
        <translation>권한 없음</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>중지됨</translation>
    </message>
    <message>
        <source>does not answer</source>
        <translation>응답 없음</translation>
    </message>
    <message>
        <source>could not be read</source>
        <translation>읽지 못함</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>방금</translation>
    </message>
    <message>
        <source>{count} s ago</source>
        <translation>{count}초 전</translation>
    </message>
    <message>
        <source>{count} min ago</source>
        <translation>{count}분 전</translation>
    </message>
    <message>
        <source>{count} h ago</source>
        <translation>{count}시간 전</translation>
    </message>
    <message>
        <source>{count} d ago</source>
        <translation>{count}일 전</translation>
    </message>
    <message>
        <source>{count} s</source>
        <translation>{count}초</translation>
    </message>
    <message>
        <source>1 node</source>
        <translation>노드 1개</translation>
    </message>
    <message>
        <source>{count} nodes</source>
        <translation>노드 {count}개</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>노드</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>대기 중</translation>
    </message>
    <message>
        <source>scanning…</source>
        <translation>검사 중…</translation>
    </message>
    <message>
        <source>not scanned yet</source>
        <translation>아직 검사 안 함</translation>
    </message>
    <message>
        <source>Scanning now: {count} checks to go</source>
        <translation>검사 중: 점검 {count}개 남음</translation>
    </message>
    <message>
        <source>Waiting for its turn</source>
        <translation>차례를 기다리는 중</translation>
    </message>
    <message>
        <source>The last scan was stopped</source>
        <translation>마지막 검사를 중지했습니다</translation>
    </message>
    <message>
        <source>Scanned {ago} in {duration}</source>
        <translation>{ago} 검사, {duration} 걸림</translation>
    </message>
    <message>
        <source>{script}: given up after {budget}</source>
        <translation>{script}: {budget} 뒤에 중단함</translation>
    </message>
    <message>
        <source>{script}: {time} of {budget}</source>
        <translation>{script}: {time} (제한 {budget})</translation>
    </message>
    <message>
        <source>no new PowerShell</source>
        <translation>새 PowerShell 없음</translation>
    </message>
    <message>
        <source>one PowerShell</source>
        <translation>PowerShell 1회</translation>
    </message>
    <message>
        <source>{count} PowerShells</source>
        <translation>PowerShell {count}회</translation>
    </message>
    <message>
        <source>1 request</source>
        <translation>요청 1건</translation>
    </message>
    <message>
        <source>{count} requests</source>
        <translation>요청 {count}건</translation>
    </message>
</context>
</TS>
