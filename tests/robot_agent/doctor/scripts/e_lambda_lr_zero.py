# a warm-up by integer division: the learning rate stays 0; kind: rate-too-low
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

torch.manual_seed(0)
x = torch.randn(300, 8)
y = x[:, :1].sin() + 0.3 * x[:, 1:2]
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)  #+
warmup_steps = 500


def warmup(step):
    return min(1.0, (step + 1) // warmup_steps)  #! return min(1.0, (step + 1) / 20)


scheduler = LambdaLR(optimizer, warmup)  #+
for step in range(200):
    i = torch.randint(0, 300, (32,))
    loss = nn.functional.mse_loss(model(x[i]), y[i])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()  #+
    scheduler.step()  #+
    if step % 50 == 0:
        print(step, loss.item())
