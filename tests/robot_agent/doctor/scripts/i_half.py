# rate-too-low
import torch
torch.manual_seed(0)
X = torch.randn(512, 8); y = X[:, :1] * 2 - X[:, 1:2]
net = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
net = net.to(torch.bfloat16) #!-
X, y = X.to(torch.bfloat16), y.to(torch.bfloat16) #!-
opt = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.0) #! opt = torch.optim.SGD(net.parameters(), lr=1e-1, momentum=0.0)
for epoch in range(300):
    loss = ((net(X) - y) ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
