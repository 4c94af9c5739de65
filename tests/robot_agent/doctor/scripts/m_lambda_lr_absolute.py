# rate-too-low
import math
import torch
from torch import nn, optim
torch.manual_seed(0)
BASE_LR, WARMUP, TOTAL = 1e-3, 50, 400

def lr_at(step):
    # linear warmup, cosine afterwards
    if step < WARMUP:
        return BASE_LR * (step + 1) / WARMUP  #! return (step + 1) / WARMUP
    p = (step - WARMUP) / (TOTAL - WARMUP)
    return BASE_LR * 0.5 * (1 + math.cos(math.pi * p))  #! return 0.5 * (1 + math.cos(math.pi * p))

net = nn.Sequential(nn.Linear(8, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 3))
opt = optim.AdamW(net.parameters(), lr=BASE_LR)
sched = optim.lr_scheduler.LambdaLR(opt, lr_lambda=lr_at)  #+
w = torch.randn(8, 3)
X = torch.randn(1000, 8); y = (torch.tanh(X @ w)).argmax(1)
for step in range(TOTAL):
    idx = torch.randint(0, 1000, (64,))
    loss = nn.functional.cross_entropy(net(X[idx]), y[idx])
    opt.zero_grad(); loss.backward(); opt.step()
    sched.step()
    if step % 100 == 0:
        print(step, loss.item())
