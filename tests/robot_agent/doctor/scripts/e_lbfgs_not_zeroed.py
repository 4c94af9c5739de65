# full-batch LBFGS whose closure never sets the gradients to zero; kind: not-zeroed
import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-2, 2, 100).unsqueeze(1)
y = torch.sin(2 * x)
net = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 1))
optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=10)


def closure():
    loss = nn.functional.mse_loss(net(x), y)  #!+ optimizer.zero_grad()
    loss.backward()  #+
    return loss


for epoch in range(15):
    loss = optimizer.step(closure)  #+
    print(epoch, loss.item())
