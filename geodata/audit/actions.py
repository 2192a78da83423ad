"""What the audit tells of: the vocabulary, one row an action."""

from collections.abc import Mapping
from enum import StrEnum

from layers.text import Text


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.DONE: Text("完成", "Done"),
    Outcome.REFUSED: Text("拒绝", "Refused"),
    Outcome.FAILED: Text("失败", "Failed"),
}


class Action(StrEnum):
    """What somebody did, or tried to."""

    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    USER_ADDED = "user.added"
    USER_REMOVED = "user.removed"
    USER_ROLE = "user.role"
    USER_PASSWORD = "user.password"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    USER_INVITED = "user.invited"
    USER_LINKED = "user.linked"
    USER_UNLINKED = "user.unlinked"
    GROUP_ADDED = "group.added"
    GROUP_REMOVED = "group.removed"
    GROUP_AREAS = "group.areas"
    GROUP_JOINED = "group.joined"
    GROUP_LEFT = "group.left"
    TOKEN_MADE = "token.made"
    TOKEN_REVOKED = "token.revoked"
    ACCOUNT_CHANGED = "account.changed"
    READ = "read.features"
    READ_HISTORY = "read.history"
    READ_REVIEW = "read.review"
    READ_IMPORTS = "read.imports"
    READ_ACCOUNTS = "read.accounts"
    READ_AUDIT = "read.audit"
    EXPORT = "export.features"
    EXPORT_AUDIT = "export.audit"
    FEATURE_ADDED = "feature.added"
    FEATURE_CHANGED = "feature.changed"
    FEATURE_REMOVED = "feature.removed"
    IMPORT_CHECKED = "import.checked"
    IMPORT_LOADED = "import.loaded"
    IMPORT_UNDONE = "import.undone"
    REVIEW_DECIDED = "review.decided"
    REQUEST_REFUSED = "request.refused"
    REQUEST_FAILED = "request.failed"
    AUDIT_PRUNED = "audit.pruned"


ACTIONS: Mapping[Action, Text] = {
    Action.SIGN_IN: Text("登录", "Sign-in"),
    Action.SIGN_OUT: Text("退出", "Sign-out"),
    Action.USER_ADDED: Text("新增账户", "User added"),
    Action.USER_REMOVED: Text("删除账户", "User removed"),
    Action.USER_ROLE: Text("改角色", "Role changed"),
    Action.USER_PASSWORD: Text("改密码", "Password changed"),
    Action.USER_DISABLED: Text("停用账户", "User disabled"),
    Action.USER_ENABLED: Text("启用账户", "User enabled"),
    Action.USER_INVITED: Text("生成密码链接", "Password link made"),
    Action.USER_LINKED: Text("绑定统一身份", "Identity linked"),
    Action.USER_UNLINKED: Text("解除统一身份", "Identity unlinked"),
    Action.GROUP_ADDED: Text("新增用户组", "Group added"),
    Action.GROUP_REMOVED: Text("删除用户组", "Group removed"),
    Action.GROUP_AREAS: Text("改管辖区域", "Areas of a group changed"),
    Action.GROUP_JOINED: Text("加入用户组", "Joined a group"),
    Action.GROUP_LEFT: Text("移出用户组", "Left a group"),
    Action.TOKEN_MADE: Text("生成令牌", "Token made"),
    Action.TOKEN_REVOKED: Text("吊销令牌", "Token revoked"),
    Action.ACCOUNT_CHANGED: Text("改账户资料", "Account data changed"),
    Action.READ: Text("读取非公开属性", "Read what is not public"),
    Action.READ_HISTORY: Text("查看变更人", "Read who changed a feature"),
    Action.READ_REVIEW: Text("查看待核对地址", "Read addresses under review"),
    Action.READ_IMPORTS: Text("查看导入记录", "Read the record of imports"),
    Action.READ_ACCOUNTS: Text("查看账户", "Read the accounts"),
    Action.READ_AUDIT: Text("查询审计", "Searched the audit"),
    Action.EXPORT: Text("导出要素", "Exported features"),
    Action.EXPORT_AUDIT: Text("导出审计", "Exported the audit"),
    Action.FEATURE_ADDED: Text("新增要素", "Features added"),
    Action.FEATURE_CHANGED: Text("修改要素", "Features changed"),
    Action.FEATURE_REMOVED: Text("删除要素", "Features removed"),
    Action.IMPORT_CHECKED: Text("检查导入文件", "File checked for import"),
    Action.IMPORT_LOADED: Text("导入", "Import loaded"),
    Action.IMPORT_UNDONE: Text("撤销导入", "Import taken back"),
    Action.REVIEW_DECIDED: Text("核对地址", "Address decided"),
    Action.REQUEST_REFUSED: Text("请求被拒绝", "Request refused"),
    Action.REQUEST_FAILED: Text("请求失败", "Request failed"),
    Action.AUDIT_PRUNED: Text("清除过期审计", "Old audit deleted"),
}
