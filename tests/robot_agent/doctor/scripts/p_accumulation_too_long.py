# no-step
import torch
from torch import nn

ACCUMULATE = 16  #! ACCUMULATE = 2
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
x = torch.randn(320, 5)
y = x[:, :1] * x[:, 1:2]
for epoch in range(30):
    net.zero_grad()  #+
    done = 0
    for i in torch.randperm(320).split(32):
        loss = nn.functional.mse_loss(net(x[i]), y[i])
        (loss / ACCUMULATE).backward()
        done += 1
        if done == ACCUMULATE:  #+
            optimizer.step()
            net.zero_grad()
            done = 0
    print(epoch, loss.item())
