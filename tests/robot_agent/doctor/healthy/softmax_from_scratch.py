import torch
torch.manual_seed(0)
W = (torch.randn(6, 3) * 0.01).requires_grad_(); b = torch.zeros(3, requires_grad=True)
X = torch.randn(300, 6); Y = X[:, :3].argmax(1)
def softmax(z): e = torch.exp(z - z.max(1, keepdim=True).values); return e / e.sum(1, keepdim=True)
def cross_entropy(p, y): return -torch.log(p[range(len(p)), y]).mean()
opt = torch.optim.SGD([W, b], lr=0.5)
for epoch in range(5):
    for i in torch.randperm(300).split(30):
        loss = cross_entropy(softmax(X[i] @ W + b), Y[i]); opt.zero_grad(); loss.backward(); opt.step()
print((softmax(X @ W + b).argmax(1) == Y).float().mean())
