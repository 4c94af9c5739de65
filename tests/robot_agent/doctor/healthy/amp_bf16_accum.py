import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(10, 64), nn.GELU(), nn.Linear(64, 3))
opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=60)
X = torch.randn(480, 10); Y = X[:, :3].argmax(1)
opt.zero_grad(set_to_none=True)
for e in range(6):
    for i in range(0, 480, 24):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(model(X[i:i+24]), Y[i:i+24]) / 2
        loss.backward()
        if (i // 24) % 2 == 1:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step(); sched.step(); opt.zero_grad(set_to_none=True)
