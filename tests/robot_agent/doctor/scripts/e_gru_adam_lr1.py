# a GRU trained by Adam with a learning rate of 1; kind: rate-too-high
import argparse
import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--hidden", type=int, default=32)
p.add_argument("--learning-rate", type=float, default=1.0)  #! p.add_argument("--learning-rate", type=float, default=0.003)
opts = p.parse_args([])
torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.gru = nn.GRU(1, h, batch_first=True)
        self.fc = nn.Linear(h, 1)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(out[:, -1])


net = Net(opts.hidden)
optimizer = torch.optim.Adam(net.parameters(), lr=opts.learning_rate)  #+
for step in range(100):
    start = torch.rand(32, 1) * 6
    t = start + 0.3 * torch.arange(12)
    x, y = torch.sin(t[:, :-1]).unsqueeze(-1), torch.sin(t[:, -1:])
    loss = nn.functional.mse_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()  #+
    if step % 25 == 0:
        print(step, loss.item())
