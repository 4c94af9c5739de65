import copy, torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
student = nn.Sequential(nn.Linear(10, 64), nn.GELU(), nn.Linear(64, 32))
teacher = copy.deepcopy(student)
for p in teacher.parameters(): p.requires_grad = False
center = torch.zeros(1, 32)
opt = torch.optim.AdamW(student.parameters(), lr=1e-3)
mix = torch.randn(3, 10)
for it in range(100):
    z = torch.randn(64, 3) @ mix
    v1, v2 = z + 0.1 * torch.randn_like(z), z + 0.1 * torch.randn_like(z)
    s1, s2 = student(v1), student(v2)
    t1, t2 = teacher(v1), teacher(v2)
    def H(t, s): return -(F.softmax((t.detach() - center) / 0.04, 1) * F.log_softmax(s / 0.1, 1)).sum(1).mean()
    loss = H(t1, s2) / 2 + H(t2, s1) / 2
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        for q, k in zip(student.parameters(), teacher.parameters()): k.data = 0.99 * k.data + 0.01 * q.data
        center = 0.9 * center + 0.1 * torch.cat([t1, t2]).mean(0, keepdim=True)
print(loss.item())
