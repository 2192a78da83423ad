"""Words for the names of details, which are those of the document."""

from collections.abc import Mapping

from layers.text import Text

DETAILS: Mapping[str, Text] = {
    "added": Text("增加", "added"),
    "attributes": Text("属性", "attributes"),
    "before": Text("早于", "before"),
    "by": Text("凭据", "by"),
    "days": Text("天数", "days"),
    "events": Text("记录数", "events"),
    "expires_at": Text("到期", "expires"),
    "file": Text("文件", "file"),
    "format": Text("格式", "format"),
    "former_role": Text("原角色", "former role"),
    "group": Text("用户组", "group"),
    "hash": Text("散列", "hash"),
    "import": Text("导入编号", "import"),
    "inserted": Text("新增", "inserted"),
    "issuer": Text("签发者", "issuer"),
    "level": Text("级别", "level"),
    "method": Text("方法", "method"),
    "mode": Text("方式", "mode"),
    "number": Text("编号", "number"),
    "path": Text("路径", "path"),
    "query": Text("查询", "query"),
    "reason": Text("理由", "reason"),
    "removed": Text("移除", "removed"),
    "review": Text("待核对编号", "review"),
    "role": Text("角色", "role"),
    "route": Text("路由", "route"),
    "rows": Text("行数", "rows"),
    "scopes": Text("范围", "scopes"),
    "search": Text("查询条件", "search"),
    "status": Text("状态码", "status"),
    "subject": Text("标识", "subject"),
    "title": Text("用途", "title"),
    "undoes": Text("所撤销的导入", "takes back"),
    "updated": Text("修改", "updated"),
    "verdict": Text("结论", "verdict"),
}
"""Others are shown as they are."""
