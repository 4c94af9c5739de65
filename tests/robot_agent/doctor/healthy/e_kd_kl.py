import copy
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
y = torch.randint(0, 4, (512,))
x = torch.randn(4, 12)[y] * 1.5 + torch.randn(512, 12)
def mlp(h): return nn.Sequential(nn.Linear(12, h), nn.ReLU(), nn.Dropout(0.1), nn.Linear(h, 4))
teacher = mlp(128)
o = torch.optim.Adam(teacher.parameters(), 5e-3)
for _ in range(60):
    l = F.cross_entropy(teacher(x), y); o.zero_grad(); l.backward(); o.step()
teacher.eval()
for p in teacher.parameters(): p.requires_grad_(False)
student = mlp(8)
opt = torch.optim.AdamW(student.parameters(), 1e-2)
student.train()
for epoch in range(10):
    for i in torch.randperm(512).split(64):
        t = F.log_softmax(teacher(x[i]) / 2, 1)
        s = F.log_softmax(student(x[i]) / 2, 1)
        loss = F.kl_div(s, t, log_target=True, reduction="batchmean") * 4 + 0.3 * F.cross_entropy(student(x[i]), y[i])
        opt.zero_grad(); loss.backward(); opt.step()
student.eval()
with torch.no_grad():
    print((student(x).argmax(1) == y).float().mean())
